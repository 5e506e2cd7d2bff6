import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Harbor, type HarborOptions, startHarbor } from "../../../tools/sandbox/harbor/server";

export const adminPassword = "Harbor12345";

export interface Reply {
    readonly status: number;
    readonly headers: Headers;
    readonly text: string;
    readonly json: unknown;
}

interface Sending {
    readonly as?: string;
    readonly password?: string;
    readonly headers?: Readonly<Record<string, string>>;
    readonly json?: unknown;
    readonly body?: string | Buffer;
}

/** A Harbor of a test's own, and how to ask it something. */
export interface TestHarbor extends Harbor {
    readonly dataDir: string;
    send(method: string, path: string, sending?: Sending): Promise<Reply>;
    /** As `admin`, below `/api/v2.0`. */
    api(method: string, path: string, json?: unknown): Promise<Reply>;
}

export async function startTestHarbor(options: Partial<HarborOptions> = {}): Promise<TestHarbor> {
    const own = options.dataDir === undefined;
    const dataDir = options.dataDir ?? mkdtempSync(join(tmpdir(), "harbor-unit-"));
    const harbor = await startHarbor({ dataDir, adminPassword, loginDelayMs: 5, ...options });
    const send: TestHarbor["send"] = async (method, path, sending = {}) => {
        const headers: Record<string, string> = { ...sending.headers };
        if (sending.as !== undefined) {
            const pair = `${sending.as}:${sending.password ?? adminPassword}`;
            headers["authorization"] = `Basic ${Buffer.from(pair).toString("base64")}`;
        }
        if (sending.json !== undefined) {
            headers["content-type"] = "application/json";
        }
        const body = sending.json === undefined ? sending.body : JSON.stringify(sending.json);
        const answer = await fetch(`${harbor.url}${path}`, {
            method,
            headers,
            redirect: "manual",
            ...(body === undefined ? {} : { body }),
        });
        const text = await answer.text();
        const isJson = answer.headers.get("content-type")?.includes("json") && text.trim() !== "";
        const json: unknown = isJson ? JSON.parse(text) : undefined;
        return { status: answer.status, headers: answer.headers, text, json };
    };
    return {
        ...harbor,
        dataDir,
        send,
        api: (method, path, json) =>
            send(method, `/api/v2.0${path}`, {
                as: "admin",
                ...(json === undefined ? {} : { json }),
            }),
        close: async () => {
            await harbor.close();
            if (own) {
                rmSync(dataDir, { recursive: true, force: true });
            }
        },
    };
}

/** Code and message of Harbor's error list. */
export function faultOf(reply: Reply): { code: string; message: string } {
    const { errors } = reply.json as { errors: { code: string; message: string }[] };
    return errors[0] ?? { code: "", message: "" };
}
