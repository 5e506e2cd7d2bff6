import { randomInt } from "node:crypto";
import { connect, createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { SandboxError } from "./sandboxError";

/** Below the range of ports that Linux uses for outgoing connections. */
const portMin = 20_000;
const portMax = 32_000;
const attemptsMax = 200;
const releaseTimeoutMs = 2_000;
const pollMs = 25;

export function isFree(port: number): Promise<boolean> {
    return new Promise((resolve) => {
        const server = createServer();
        server.once("error", () => resolve(false));
        server.listen({ port, host: "127.0.0.1", exclusive: true }, () =>
            server.close(() => resolve(true)),
        );
    });
}

/** An unused port on the loopback interface. */
export async function freePort(taken: readonly number[] = []): Promise<number> {
    for (let attempt = 0; attempt < attemptsMax; attempt += 1) {
        const port = randomInt(portMin, portMax);
        if (!taken.includes(port) && (await isFree(port))) {
            return port;
        }
    }
    throw new SandboxError(`no free port between ${portMin} and ${portMax} on 127.0.0.1`);
}

/** A killed process may hold its port for a moment after it is no longer listed. */
async function becomesFree(port: number): Promise<boolean> {
    const deadline = Date.now() + releaseTimeoutMs;
    while (!(await isFree(port))) {
        if (Date.now() > deadline) {
            return false;
        }
        await sleep(pollMs);
    }
    return true;
}

/** Fails for an occupied port: image references contain it, so it cannot change silently. */
export async function requirePort(
    name: string,
    port: number,
    { dataDir }: { readonly dataDir: string },
    isOurs: boolean,
): Promise<void> {
    if (isOurs || (await becomesFree(port))) {
        return;
    }
    throw new SandboxError(
        `port ${port} on 127.0.0.1 belongs to this sandbox's ${name}, and image references name it, ` +
            `but another program uses it now. Stop that program (\`ss -ltnp sport = :${port}\` shows it) ` +
            `and try again, or give up the sandbox's images: delete ${dataDir}`,
    );
}

/** Whether something accepts connections at this address. */
export function accepts(address: { port: number } | { path: string }): Promise<boolean> {
    return new Promise((resolve) => {
        const target = "path" in address ? address : { ...address, host: "127.0.0.1" };
        const socket = connect(target);
        const answer = (result: boolean): void => {
            socket.destroy();
            resolve(result);
        };
        socket.once("connect", () => answer(true));
        socket.once("error", () => answer(false));
    });
}
