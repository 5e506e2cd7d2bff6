import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { accepts, freePort } from "../../tools/sandbox/ports";

/** A real registry for one test. */
export interface RegistryServer {
    readonly url: string;
    stop(): Promise<void>;
}

/**
 * Starts a registry on a free port, with its data in a folder.
 *
 * @param auth how the registry checks logins, as in its configuration. @default no logins
 */
export async function startRegistryServer(
    binary: string,
    folder: string,
    auth?: Readonly<Record<string, unknown>>,
): Promise<RegistryServer> {
    const port = await freePort();
    const config = {
        version: "0.1",
        log: { level: "error", accesslog: { disabled: true } },
        storage: { filesystem: { rootdirectory: folder }, delete: { enabled: true } },
        http: { addr: `127.0.0.1:${port}`, secret: "only for tests" },
        ...(auth === undefined ? {} : { auth }),
    };
    const file = `${folder}.yml`;
    writeFileSync(file, JSON.stringify(config));
    const child = spawn(binary, ["serve", file], {
        stdio: "ignore",
        env: { ...process.env, OTEL_TRACES_EXPORTER: "none" },
    });
    const ended = once(child, "exit");
    while (!(await accepts({ port }))) {
        if (child.exitCode !== null) {
            throw new Error(`the registry ended with ${child.exitCode}`);
        }
        await sleep(20);
    }
    const stop = async (): Promise<void> => {
        child.kill();
        await ended;
    };
    return { url: `http://127.0.0.1:${port}`, stop };
}
