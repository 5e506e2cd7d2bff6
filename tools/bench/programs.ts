import { generateKeyPairSync } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import type { Arena } from "./arena";
import type { Sample } from "./samples";
import type { Bout, Subject, Task } from "./subject";

const root = resolve(__dirname, "..", "..");
const stack = "dev";
const json = JSON.stringify;

/** What a program with the component builds. */
interface ComponentProgram {
    readonly project: string;
    readonly names: readonly string[];
    /** Arguments of every component in addition to those that it needs. */
    readonly more: object;
    /** Id of a project that the stack has to take over, since it lost its state. @default none */
    readonly adopted?: number;
}

/** The component for each context: project, robot accounts, builder-stage images and app images. */
function componentProgram({ project, names, more, adopted }: ComponentProgram): string {
    const [first = "", ...others] = names;
    const declared =
        adopted === undefined
            ? { name: project }
            : { name: project, import: `/projects/${adopted}` };
    return `
import { CachedImage } from "harbor-build";

// One image has a robot account of its own; several use one login, as the Images of the peers do.
const credentials = {
    username: process.env["HARBOR_USERNAME"] ?? "",
    password: process.env["HARBOR_PASSWORD"] ?? "",
};
const more = { ...${json(more)}, ...(${names.length > 1} ? { credentials } : {}) };
const first = new CachedImage(${json(first)}, {
    ...more,
    project: ${json(declared)},
    context: ${json(first)},
    tags: ["1.0.0"],
});
const others = ${json(others)}.map((name) => new CachedImage(name, {
    ...more,
    project: { name: ${json(project)}, existing: true },
    context: name,
    tags: ["1.0.0"],
}, { dependsOn: first }));
export const images = [first, ...others].map(({ ref }) => ref);
`;
}

/** The same builds as plain Images, as users write them without a component. */
function imagesProgram(project: string, names: readonly string[], host: string): string {
    return `
import * as dockerBuild from "@pulumi/docker-build";

export const images = ${json(names)}.map((name) => {
    const repository = ${json(`${host}/${project}/`)} + name;
    const cache = repository + "/cache:build";
    const common = {
        context: { location: name },
        cacheTo: [{ inline: {} }],
        push: true,
        registries: [
            {
                address: ${json(host)},
                username: process.env["HARBOR_USERNAME"],
                password: process.env["HARBOR_PASSWORD"],
            },
        ],
    };
    const builderImage = new dockerBuild.Image(name + "-builder-image", {
        ...common,
        target: "build",
        cacheFrom: [{ registry: { ref: cache } }],
        tags: [cache],
    });
    const app = new dockerBuild.Image(
        name,
        {
            ...common,
            cacheFrom: [{ registry: { ref: cache } }, { registry: { ref: repository + ":1.0.0" } }],
            tags: [repository + ":1.0.0"],
        },
        { dependsOn: builderImage },
    );
    return app.ref;
});
`;
}

/** A program without resources: what every \`pulumi up\` costs. */
const emptyProgram = `
import * as pulumi from "@pulumi/pulumi";

export const stack = pulumi.getStack();
`;

/** Arguments that carry the sample's cache mounts to new runners. */
export const carryMounts = ({ mounts }: Sample): object => ({
    cache: { carryMounts: true },
    ...(mounts.length === 0 ? {} : { cacheMounts: { build: mounts } }),
});

/**
 * `pulumi up` of a program with one `CachedImage` for each image. `argumentsOf` gives arguments of
 * the component that depend on the sample.
 */
export function componentSubject(
    arena: Arena,
    name: string,
    argumentsOf: (sample: Sample) => object = () => ({}),
): Subject {
    return {
        name,
        open: async (task) => {
            const project = arena.nameProject();
            const more = argumentsOf(task.sample);
            const opened = await openProgram(arena, project, task, (names) =>
                componentProgram({ project, names, more }),
            );
            return {
                ...opened.bout,
                loseState: async () => {
                    await opened.bout.loseState();
                    const adopted = await arena.projectId(project);
                    const { names } = opened;
                    await opened.rewrite(componentProgram({ project, names, more, adopted }));
                },
            };
        },
    };
}

/** `pulumi up` of a program whose images are signed, with their provenance. */
export function signedSubject(arena: Arena): Subject {
    const { privateKey } = generateKeyPairSync("ec", { namedCurve: "prime256v1" });
    const key = privateKey.export({ type: "pkcs8", format: "pem" });
    return componentSubject(arena, "harbor-build-signed", () => ({ sign: { key } }));
}

/** `pulumi up` of a program with one `CachedImage` for these platforms, each with a builder of its own. */
export function platformsSubject(
    arena: Arena,
    name: string,
    builders: Readonly<Record<string, string>>,
): Subject {
    const platforms = Object.keys(builders);
    return componentSubject(arena, name, () => ({ platforms, platformBuilders: builders }));
}

/** `pulumi up` of a program with two Images of docker-build for each image. */
export function imagesSubject(arena: Arena): Subject {
    return {
        name: "docker-build",
        open: async (task) => {
            const project = arena.nameProject();
            await arena.createProject(project);
            const program = (names: readonly string[]) => imagesProgram(project, names, arena.host);
            return (await openProgram(arena, project, task, program)).bout;
        },
    };
}

/** `pulumi up` of a program that declares nothing: the lower limit of every program. */
export function floorSubject(arena: Arena): Subject {
    return {
        name: "floor",
        open: async (task) =>
            (await openProgram(arena, arena.nameProject(), task, () => emptyProgram)).bout,
    };
}

async function openProgram(
    arena: Arena,
    project: string,
    task: Task,
    write: (names: readonly string[]) => string,
) {
    const { folder, names, contexts } = await arena.openFolder(project, task);
    const state = join(folder, ".state");
    await mkdir(state);
    const settings = {
        name: "bench",
        runtime: "nodejs",
        // Required, because the nearest package.json is the clone's, whose main is not a program.
        main: "index.ts",
        plugins: { providers: [{ name: "harbor", path: join(root, "dist", "plugin") }] },
    };
    const rewrite = (source: string) => writeFile(join(folder, "index.ts"), source);
    // JSON is YAML.
    await writeFile(join(folder, "Pulumi.yaml"), json(settings));
    await writeFile(join(folder, "tsconfig.json"), json({ extends: join(root, "tsconfig.json") }));
    await rewrite(write(names));
    const env = {
        ...arena.environment,
        PULUMI_BACKEND_URL: `file://${state}`,
        PULUMI_STACK: stack,
    };
    const pulumi = (...args: string[]) =>
        arena.run(arena.engine.tools.pulumi, [...args, "--non-interactive"], { cwd: folder, env });
    await pulumi("stack", "init", stack);
    const bout: Bout = {
        contexts,
        run: () => pulumi("up", "--yes", "--skip-preview"),
        loseState: async () => {
            await pulumi("stack", "rm", stack, "--yes", "--force");
            await pulumi("stack", "init", stack);
        },
        close: () => arena.remove(project),
    };
    return { bout, names, rewrite };
}
