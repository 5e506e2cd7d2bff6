import { spawn } from "node:child_process";
import { cpSync, mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";

const repository = resolve(__dirname, "../../..");

/** How a bootstrap run ended. */
export interface BootstrapRun {
    readonly code: number | null;
    readonly signal: NodeJS.Signals | null;
    readonly stdout: string;
    readonly stderr: string;
}

/**
 * Makes a tiny clone: the real bootstrap, an empty local package named `tsx`, and a
 * `tools/commands/main.ts` in plain JavaScript.
 */
export function tinyClone(folder: string, mainProgram: string): string {
    for (const part of ["bootstrap.cjs", "bootstrap", "cache", "pins.json"]) {
        cpSync(join(repository, "tools/toolchain", part), join(folder, "tools/toolchain", part), {
            recursive: true,
        });
    }
    write(folder, "tools/commands/main.ts", mainProgram);
    write(folder, "local/tsx/package.json", { name: "tsx", version: "1.0.0", main: "index.js" });
    write(folder, "local/tsx/index.js", "");
    write(folder, "package.json", {
        name: "tiny",
        version: "1.0.0",
        devDependencies: { tsx: "file:local/tsx" },
    });
    write(folder, "package-lock.json", {
        name: "tiny",
        version: "1.0.0",
        lockfileVersion: 3,
        requires: true,
        packages: {
            "": { name: "tiny", version: "1.0.0", devDependencies: { tsx: "file:local/tsx" } },
            "local/tsx": { version: "1.0.0", dev: true },
            "node_modules/tsx": { resolved: "local/tsx", link: true },
        },
    });
    return folder;
}

function write(folder: string, path: string, content: unknown): void {
    const file = join(folder, path);
    mkdirSync(resolve(file, ".."), { recursive: true });
    writeFileSync(file, typeof content === "string" ? content : JSON.stringify(content));
}

/** Starts a clone's bootstrap. `onOutput` gets standard output while the bootstrap runs. */
export function startBootstrap(
    folder: string,
    args: readonly string[],
    environment: NodeJS.ProcessEnv,
    onOutput: (text: string, kill: (signal: NodeJS.Signals) => void) => void = () => {},
): Promise<BootstrapRun> {
    const bootstrap = join(folder, "tools", "toolchain", "bootstrap.cjs");
    const child = spawn(process.execPath, [bootstrap, ...args], {
        cwd: "/",
        env: { ...process.env, npm_execpath: "", NODE_OPTIONS: "", ...environment },
        stdio: ["ignore", "pipe", "pipe"],
    });
    let [stdout, stderr] = ["", ""];
    child.stdout.on("data", (chunk: Buffer) => {
        stdout += chunk.toString("utf8");
        onOutput(stdout, (signal) => child.kill(signal));
    });
    child.stderr.on("data", (chunk: Buffer) => {
        stderr += chunk.toString("utf8");
    });
    return new Promise((done) => {
        child.on("close", (code, signal) => done({ code, signal, stdout, stderr }));
    });
}
