import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { declareBuilder, sandboxInstance } from "../commands/builder";
import type { Arena } from "./arena";
import type { Bout, Contender } from "./contender";

/** Docker's build client, logged in, with the sandbox's BuildKit as its builder. */
export interface BuildClient {
    readonly buildx: string;
    readonly environment: NodeJS.ProcessEnv;
}

/** Writes a separate Docker configuration for buildx, with a login as `docker login` stores it. */
export async function openBuildClient(
    arena: Arena,
    buildx: string,
    dockerConfig: string,
): Promise<BuildClient> {
    const { engine, host } = arena;
    await mkdir(dockerConfig, { recursive: true });
    await declareBuilder(dockerConfig, engine.sandbox.buildkitAddress, {});
    const { username, password } = engine.harbor;
    const auth = Buffer.from(`${username}:${password}`).toString("base64");
    const config = JSON.stringify({ auths: { [host]: { auth } } });
    await writeFile(join(dockerConfig, "config.json"), config, { mode: 0o600 });
    const environment = {
        ...engine.environment,
        DOCKER_CONFIG: dockerConfig,
        BUILDX_BUILDER: sandboxInstance,
        // docker-build attaches no attestations either.
        BUILDX_NO_DEFAULT_ATTESTATIONS: "1",
    };
    return { buildx, environment };
}

const inlineCache = "BUILDKIT_INLINE_CACHE=1";

/** The two builds of the Makefile, one after the other, each pushed with inline cache. */
export function commandsContender(arena: Arena, client: BuildClient): Contender {
    return {
        name: "buildx-build",
        title: "two buildx build",
        open: (round) =>
            openCommands(
                arena,
                arena.projectName("commands", round),
                async (folder, references) => {
                    const build = (...args: string[]) =>
                        arena.run(
                            client.buildx,
                            ["build", "--push", "--build-arg", inlineCache, ...args, "fm"],
                            { cwd: folder, env: client.environment },
                        );
                    const { cache, app } = references;
                    const fromCache = ["--cache-from", cache];
                    await build("--target", "build", ...fromCache, "--tag", cache);
                    await build(...fromCache, "--cache-from", app, "--tag", app);
                },
            ),
    };
}

/** Both targets in one `buildx bake`. */
export function bakeContender(arena: Arena, client: BuildClient): Contender {
    return {
        name: "buildx-bake",
        title: "buildx bake",
        open: (round) =>
            openCommands(arena, arena.projectName("bake", round), async (folder, references) => {
                await writeFile(join(folder, "bake.json"), bakeFile(references));
                await arena.run(client.buildx, ["bake", "--push", "--file", "bake.json"], {
                    cwd: folder,
                    env: client.environment,
                });
            }),
    };
}

/** References of the two images. */
interface References {
    readonly cache: string;
    readonly app: string;
}

function bakeFile({ cache, app }: References): string {
    const common = { context: "fm", "cache-to": ["type=inline"] };
    return JSON.stringify({
        group: { default: { targets: ["builderImage", "app"] } },
        target: {
            builderImage: { ...common, target: "build", tags: [cache], "cache-from": [cache] },
            app: { ...common, tags: [app], "cache-from": [cache, app] },
        },
    });
}

async function openCommands(
    arena: Arena,
    project: string,
    build: (folder: string, references: References) => Promise<void>,
): Promise<Bout> {
    await arena.createProject(project);
    const folder = await arena.openFolder(project);
    const repository = `${arena.host}/${project}/fm`;
    const references = { cache: `${repository}/cache:build`, app: `${repository}:1.0.0` };
    return {
        sources: join(folder, "fm"),
        run: () => build(folder, references),
        close: () => arena.remove(project),
    };
}
