import { connect } from "node:net";
import { type Builder, isShared, readBuilders } from "../buildkit/builders";
import { runProgram } from "./command";
import { type Finding, fault, good } from "./finding";

/** Drivers that can export a cache. The driver `docker` cannot. */
const drivers = ["docker-container", "kubernetes", "remote"];
/** Time allowed for a connection to a builder, in milliseconds. */
const timeoutMs = 3000;
const create = "`docker buildx create --use` creates a builder with the driver docker-container.";

/** Checks the builders that docker-build can choose from. */
export async function checkBuilders(
    cwd: string,
    env: NodeJS.ProcessEnv,
): Promise<readonly Finding[]> {
    const builders = readBuilders(env);
    if (builders.length > 0) return Promise.all(builders.map(checkBuilder));
    const docker = await runProgram("docker", ["version"], { cwd, env });
    return [
        docker?.isGood
            ? good("builder", "none yet; docker-build creates one in the running Docker")
            : fault("builder", "no buildx builder, and no Docker that answers.", create),
    ];
}

async function checkBuilder({ name, driver, nodes }: Builder): Promise<Finding> {
    const subject = `builder ${name}`;
    if (!drivers.includes(driver)) {
        const expected = drivers.join(", ");
        return fault(
            subject,
            `the driver ${driver} cannot export a cache. Expected ${expected}.`,
            create,
        );
    }
    for (const { endpoint } of driver === "remote" ? nodes : []) {
        const reason = await whyUnreachable(endpoint);
        if (reason !== undefined) {
            return fault(
                subject,
                `no BuildKit answers at ${endpoint} (${reason}).`,
                `start it, or remove the builder: \`docker buildx rm ${name}\`.`,
            );
        }
    }
    return good(
        subject,
        isShared({ driver })
            ? `driver ${driver}; whoever builds on it can change what all others build on it`
            : `driver ${driver}`,
    );
}

/** Why nothing answers at a BuildKit's address; undefined when something does, or when that is unknown. */
function whyUnreachable(endpoint: string): Promise<string | undefined> {
    const unix = /^unix:\/\/(.+)$/.exec(endpoint)?.[1];
    const tcp = /^tcp:\/\/(.+):(\d+)$/.exec(endpoint);
    if (unix === undefined && tcp === null) return Promise.resolve(undefined);
    return new Promise((resolve) => {
        const socket =
            unix === undefined ? connect(Number(tcp?.[2]), tcp?.[1]) : connect({ path: unix });
        const end = (reason: string | undefined) => {
            socket.destroy();
            resolve(reason);
        };
        socket.setTimeout(timeoutMs, () => end(`no answer within ${timeoutMs / 1000} s`));
        socket.on("connect", () => end(undefined));
        socket.on("error", (error: NodeJS.ErrnoException) => end(error.code ?? error.message));
    });
}
