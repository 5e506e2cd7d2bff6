import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { type FaultyProxy, startFaultyProxy } from "./faultyProxy";
import { type Lab, openLab } from "./lab";
import { askApi } from "./registry";
import { hasSystemRights } from "./rights";
import { startSandboxHarbor } from "./sandboxHarbor";
import { TestStack } from "./stack";

export { needingSystemRights } from "./needs";

/** The run's Harbor behind a proxy, which every stack's provider uses. */
export interface HarborLab {
    readonly lab: Lab;
    readonly proxy: FaultyProxy;
    /** Whether Harbor is the sandbox, whose system-wide settings may change. */
    readonly isSandbox: boolean;
    /** Whether the run's account is a system administrator. */
    readonly systemRights: boolean;
    /** A stack whose provider uses the run's account, unless the environment sets another. */
    stack(program: string, environment?: NodeJS.ProcessEnv): Promise<TestStack>;
    /** Requests that passed since the last call, as `METHOD /path` without `/api/v2.0`. */
    takeRequests(): string[];
    /**
     * Sends a request to Harbor's API as the run's account, without the proxy; fails unless the
     * answer is a success.
     */
    admin(method: string, path: string, body?: unknown): Promise<unknown>;
    /** The status of Harbor's answer to the account's GET. */
    status(path: string): Promise<number>;
    /**
     * The same for a resource. Accounts that may not see all projects get 403 for deleted ones, so
     * projects are looked up by name.
     */
    statusOf(resource: Kept): Promise<number>;
    close(): Promise<void>;
}

/** Opens the lab of this run and starts a proxy in front of its Harbor. */
export function openHarborLab(): Promise<HarborLab> {
    return openLabAt(openLab(), { isSandbox: !process.env["HARBOR_URL"] });
}

/** A lab with a separate sandbox, for settings that exist once per Harbor. */
export async function openOwnHarborLab(): Promise<HarborLab> {
    const shared = openLab();
    const harbor = await startSandboxHarbor();
    const { url, adminPassword: password } = harbor;
    const login = { HARBOR_USERNAME: "admin", HARBOR_PASSWORD: password };
    const lab = {
        ...shared,
        admin: { url, username: "admin", password },
        environment: { ...shared.environment, ...login, HARBOR_URL: url },
    };
    return openLabAt(lab, { isSandbox: true });
}

async function openLabAt(
    lab: Lab,
    { isSandbox }: Pick<HarborLab, "isSandbox">,
): Promise<HarborLab> {
    const { caFile } = lab.admin;
    const proxy = await startFaultyProxy(lab.admin.url, {
        ...(caFile === undefined ? {} : { ca: readFileSync(caFile, "utf8") }),
        rejectUnauthorized: lab.environment["HARBOR_IGNORE_CERT"] !== "true",
    });
    return {
        lab,
        proxy,
        isSandbox,
        systemRights: await hasSystemRights(lab.admin),
        stack: (program, environment = {}) =>
            TestStack.create(lab, program, {
                environment: { HARBOR_URL: proxy.url, ...environment },
            }),
        takeRequests: () =>
            proxy.passed
                .splice(0)
                .map(({ method, path }) => `${method} ${path.replace("/api/v2.0", "")}`),
        admin: async (method, path, body) => {
            const { status, json } = await askApi(lab.admin, path, { method, body });
            assert.ok(status >= 200 && status < 300, `${method} ${path}: ${status}`);
            return json;
        },
        status: async (path) => (await askApi(lab.admin, path)).status,
        statusOf: async ({ id, type, outputs }) => {
            const byName = `/projects?project_name=${outputs["name"]}`;
            return type.endsWith(":Project")
                ? (await askApi(lab.admin, byName, { method: "HEAD" })).status
                : (await askApi(lab.admin, id)).status;
        },
        close: () => proxy.close(),
    };
}

/** A resource of Harbor in a stack's state. */
export interface Kept {
    /** Logical name. */
    readonly name: string;
    readonly urn: string;
    readonly type: string;
    readonly id: string;
    readonly inputs: Readonly<Record<string, unknown>>;
    readonly outputs: Readonly<Record<string, unknown>>;
}

/** The resources of Harbor in a stack's state, by logical name. */
export async function keptBy(stack: TestStack): Promise<Readonly<Record<string, Kept>>> {
    // Shape: Pulumi's apitype.DeploymentV3.
    const { deployment } = JSON.parse(await stack.state()) as {
        deployment: { resources?: readonly Omit<Kept, "name">[] };
    };
    const found = (deployment.resources ?? []).filter(({ type }) => type.startsWith("harbor:"));
    return Object.fromEntries(
        found.map((resource) => {
            const name = resource.urn.slice(resource.urn.lastIndexOf("::") + 2);
            return [name, { ...resource, name }];
        }),
    );
}
