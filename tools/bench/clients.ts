import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { declareBuilder, sandboxInstance } from "../commands/builder";
import type { Arena } from "./arena";
import { withMounts } from "./samples";
import type { Subject } from "./subject";

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
        ...arena.environment,
        DOCKER_CONFIG: dockerConfig,
        BUILDX_BUILDER: sandboxInstance,
        // docker-build attaches no attestations either.
        BUILDX_NO_DEFAULT_ATTESTATIONS: "1",
    };
    return { buildx, environment };
}

/** One image to build. */
interface Image {
    /** Name of the build context in the bout's folder. */
    readonly context: string;
    /** Reference of the cache image. */
    readonly cache: string;
    /** Reference of the app image. */
    readonly app: string;
}

/** A `buildx` command and its arguments. */
type Command = readonly [command: string, ...args: string[]];

/** Harbor refuses caches in the form of an index with 404. */
const maxMode = "mode=max,image-manifest=true,oci-mediatypes=true";

const inlineCache = ["--build-arg", "BUILDKIT_INLINE_CACHE=1"];

/** The two builds of the Makefile, one after the other, each pushed with inline cache. */
function makefile({ context, cache, app }: Image): Command[] {
    const common = ["--push", ...inlineCache, "--cache-from", cache];
    return [
        ["build", ...common, "--target", "build", "--tag", cache, context],
        ["build", ...common, "--cache-from", app, "--tag", app, context],
    ];
}

/** One build with one registry cache that has the layers of every stage. */
function registryMax({ context, cache, app }: Image): Command[] {
    const caches = ["--cache-from", cache, "--cache-to", `type=registry,ref=${cache},${maxMode}`];
    return [["build", "--push", ...caches, "--tag", app, context]];
}

/** Both targets in one `buildx bake`. */
function bake({ context }: Image): Command[] {
    return [["bake", "--push", "--file", `${context}.json`]];
}

function bakeFile({ context, cache, app }: Image): string {
    const common = { context, "cache-to": ["type=inline"] };
    return JSON.stringify({
        group: { default: { targets: ["builderImage", "app"] } },
        target: {
            builderImage: { ...common, target: "build", tags: [cache], "cache-from": [cache] },
            app: { ...common, tags: [app], "cache-from": [cache, app] },
        },
    });
}

/** All images in one `buildx bake`, each with a registry cache that has the layers of every stage. */
function bakeAll(): Command[] {
    return [["bake", "--push", "--file", allFile]];
}

const allFile = "all.json";

function bakeAllFile(images: readonly Image[]): string {
    const targets = images.map(({ context, cache, app }) => {
        const caches = {
            "cache-from": [`type=registry,ref=${cache}`],
            "cache-to": [`type=registry,ref=${cache},${maxMode}`],
        };
        return [context, { context, tags: [app], ...caches }];
    });
    return JSON.stringify({
        group: { default: { targets: images.map(({ context }) => context) } },
        target: Object.fromEntries(targets),
    });
}

/** The subjects that run `buildx` commands for each image, or for all. */
export function clientSubjects(arena: Arena, client: BuildClient) {
    const subject = (name: string, commands: (image: Image) => readonly Command[]) =>
        buildxSubject(arena, client, { name, commands: (images) => images.flatMap(commands) });
    return {
        makefile: subject("makefile", makefile),
        makefileMounts: withCacheMounts(subject("makefile-mounts", makefile)),
        bake: subject("bake", bake),
        bakeRegistry: buildxSubject(arena, client, { name: "bake-registry", commands: bakeAll }),
        registryMax: subject("registry-max", registryMax),
    };
}

function buildxSubject(
    arena: Arena,
    client: BuildClient,
    {
        name,
        commands,
    }: {
        readonly name: string;
        readonly commands: (images: readonly Image[]) => readonly Command[];
    },
): Subject {
    return {
        name,
        open: async (task) => {
            const project = arena.nameProject();
            await arena.createProject(project);
            const { folder, names, contexts } = await arena.openFolder(project, task);
            const images = names.map((context) => {
                const repository = `${arena.host}/${project}/${context}`;
                return { context, cache: `${repository}/cache:build`, app: `${repository}:1.0.0` };
            });
            for (const image of images) {
                await writeFile(join(folder, `${image.context}.json`), bakeFile(image));
            }
            await writeFile(join(folder, allFile), bakeAllFile(images));
            return {
                contexts,
                run: async () => {
                    for (const args of commands(images)) {
                        await arena.run(client.buildx, args, {
                            cwd: folder,
                            env: client.environment,
                        });
                    }
                },
                loseState: async () => {}, // buildx keeps no state
                close: () => arena.remove(project),
            };
        },
    };
}

/** The same subject with the sample's cache mounts written into the Dockerfile. */
function withCacheMounts(subject: Subject): Subject {
    return {
        name: subject.name,
        open: async (task) => {
            const bout = await subject.open(task);
            for (const context of bout.contexts) {
                const file = join(context, "Dockerfile");
                await writeFile(file, withMounts(await readFile(file, "utf8"), task.sample.mounts));
            }
            return bout;
        },
    };
}
