import { mkdir, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import type { Arena } from "./arena";
import type { Contender } from "./contender";

const root = resolve(__dirname, "..", "..");
const stack = "dev";

/** The quickstart's program: project, robot account, builder-stage image and app image. */
function componentProgram(project: string): string {
    return `
import { CachedImage } from "harbor-build";

const fm = new CachedImage("fm", {
    project: { name: ${JSON.stringify(project)} },
    context: "fm",
    tags: ["1.0.0"],
});
export const image = fm.ref;
`;
}

/** The same two builds as plain Images, as users write them without a component. */
function imagesProgram(project: string, host: string): string {
    return `
import * as dockerBuild from "@pulumi/docker-build";

const repository = ${JSON.stringify(`${host}/${project}/fm`)};
const cache = repository + "/cache:build";
const common = {
    context: { location: "fm" },
    cacheTo: [{ inline: {} }],
    push: true,
    registries: [
        {
            address: ${JSON.stringify(host)},
            username: process.env["HARBOR_USERNAME"],
            password: process.env["HARBOR_PASSWORD"],
        },
    ],
};
const builderImage = new dockerBuild.Image("builder-image", {
    ...common,
    target: "build",
    cacheFrom: [{ registry: { ref: cache } }],
    tags: [cache],
});
const app = new dockerBuild.Image(
    "app",
    {
        ...common,
        cacheFrom: [{ registry: { ref: cache } }, { registry: { ref: repository + ":1.0.0" } }],
        tags: [repository + ":1.0.0"],
    },
    { dependsOn: builderImage },
);
export const image = app.ref;
`;
}

/** `pulumi up` of a program with one `CachedImage`. */
export function componentContender(arena: Arena): Contender {
    return {
        name: "harbor-build",
        title: "harbor-build",
        open: (round) => {
            const project = arena.projectName("component", round);
            return openProgram(arena, project, componentProgram(project));
        },
    };
}

/** `pulumi up` of a program with two Images of docker-build. */
export function imagesContender(arena: Arena): Contender {
    return {
        name: "images",
        title: "two Images in Pulumi",
        open: async (round) => {
            const project = arena.projectName("images", round);
            await arena.createProject(project);
            return openProgram(arena, project, imagesProgram(project, arena.host));
        },
    };
}

async function openProgram(arena: Arena, project: string, program: string) {
    const folder = await arena.openFolder(project);
    const state = join(folder, ".state");
    await mkdir(state);
    const settings = {
        name: "bench",
        runtime: "nodejs",
        // Required, because the nearest package.json is the clone's, whose main is no program.
        main: "index.ts",
        plugins: { providers: [{ name: "harbor", path: join(root, "dist", "plugin") }] },
    };
    // JSON is YAML.
    await writeFile(join(folder, "Pulumi.yaml"), JSON.stringify(settings));
    await writeFile(
        join(folder, "tsconfig.json"),
        JSON.stringify({ extends: join(root, "tsconfig.json") }),
    );
    await writeFile(join(folder, "index.ts"), program);
    const env = {
        ...arena.engine.environment,
        PULUMI_BACKEND_URL: `file://${state}`,
        PULUMI_STACK: stack,
    };
    const pulumi = (...args: string[]) =>
        arena.run(arena.engine.tools.pulumi, [...args, "--non-interactive"], { cwd: folder, env });
    await pulumi("stack", "init", stack);
    return {
        sources: join(folder, "fm"),
        run: () => pulumi("up", "--yes", "--skip-preview"),
        close: () => arena.remove(project),
    };
}
