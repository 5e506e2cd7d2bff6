import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findExecutable } from "../../tools/toolchain/command";

/** Programs of Debian and of Google that speak the DevTools protocol. */
const names = ["chromium-headless-shell", "chromium", "google-chrome"];

/** Path of a browser on this machine; undefined without one. */
export async function findBrowser(): Promise<string | undefined> {
    const found = await Promise.all(names.map((name) => findExecutable(name)));
    return found.find((path) => path !== undefined);
}

/** How to get a browser. */
export const browserRemedy =
    "no browser is installed; get one with: apt-get install chromium-headless-shell";

/** A page in a headless browser. */
export interface BrowserPage {
    /** Calls a method of the DevTools protocol. */
    call(method: string, parameters?: object): Promise<Record<string, unknown>>;
    /** Evaluates an expression in the page; returns its JSON value. */
    evaluate(expression: string): Promise<unknown>;
    close(): Promise<void>;
}

/** Opens a file in a separate browser. */
export async function openPage(browser: string, file: string): Promise<BrowserPage> {
    const profile = mkdtempSync(join(tmpdir(), "hb-browser-"));
    const child = spawn(
        browser,
        [
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--remote-debugging-port=0",
            `--user-data-dir=${profile}`,
            "--window-size=1200,900",
            "about:blank",
        ],
        { stdio: ["ignore", "ignore", "pipe"] },
    );
    const gone = new Promise((resolve) => child.once("exit", resolve));
    const socket = new WebSocket(await address(child));
    await new Promise((resolve, reject) => {
        socket.addEventListener("open", resolve);
        socket.addEventListener("error", reject);
    });
    const send = caller(socket);
    const { targetId } = await send("Target.createTarget", { url: "about:blank" });
    const { sessionId } = await send("Target.attachToTarget", { targetId, flatten: true });
    const call: BrowserPage["call"] = (method, parameters = {}) =>
        send(method, parameters, String(sessionId));
    await call("Page.enable");
    const loaded = new Promise<void>((resolve) => {
        socket.addEventListener("message", ({ data }) => {
            if (JSON.parse(String(data)).method === "Page.loadEventFired") resolve();
        });
    });
    await call("Page.navigate", { url: `file://${file}` });
    await loaded;
    return {
        call,
        evaluate: async (expression) => {
            const { result } = await call("Runtime.evaluate", { expression, returnByValue: true });
            return Reflect.get(Object(result), "value");
        },
        close: async () => {
            // The browser may end before it answers.
            await Promise.race([send("Browser.close", {}), gone]);
            await gone;
            await rm(profile, { recursive: true, force: true, maxRetries: 5 });
        },
    };
}

/** The address that the browser prints when it listens. */
function address(child: ChildProcess): Promise<string> {
    return new Promise((resolve, reject) => {
        let output = "";
        child.stderr?.setEncoding("utf8").on("data", (text: string) => {
            output += text;
            const [, found] = /^DevTools listening on (ws:\S+)/m.exec(output) ?? [];
            if (found !== undefined) resolve(found);
        });
        child.once("error", reject);
        child.once("exit", () => reject(new Error(`the browser ended: ${output}`)));
    });
}

function caller(socket: WebSocket) {
    let count = 0;
    const waiting = new Map<number, (message: Record<string, unknown>) => void>();
    socket.addEventListener("message", ({ data }) => {
        const message = JSON.parse(String(data));
        waiting.get(message.id)?.(message);
        waiting.delete(message.id);
    });
    return (method: string, params: object, sessionId?: string): Promise<Record<string, unknown>> =>
        new Promise((resolve, reject) => {
            const id = ++count;
            waiting.set(id, ({ error, result }) => {
                if (error === undefined) resolve(Object(result));
                else reject(new Error(`${method}: ${JSON.stringify(error)}`));
            });
            socket.send(JSON.stringify({ id, method, params, sessionId }));
        });
}
