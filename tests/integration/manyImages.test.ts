import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { readContents } from "../support/harborContents";
import { openLab, uniqueName } from "../support/lab";
import { sharedStack } from "../support/sharedStack";
import type { Run } from "../support/stack";
import { writeFolder } from "../support/tinyProject";

const project = uniqueName("many");
const count = 60;
const files = Object.fromEntries(
    Array.from({ length: count }, (_, index) => [
        [`images/${index}/Dockerfile`, "FROM scratch\nCOPY text /text\n"],
        [`images/${index}/text`, `image ${index}\n`],
    ]).flat(),
);
const names = (size: number) => Array.from({ length: size }, (_, index) => `i${index}`);

/** A program with this number of images in one project, which prints its peak memory in MiB. */
const program = (size: number) => `
import { CachedImage } from "harbor-build";

const credentials = {
    username: process.env["HARBOR_USERNAME"] ?? "",
    password: process.env["HARBOR_PASSWORD"] ?? "",
};
const first = new CachedImage("i0", {
    project: { name: ${JSON.stringify(project)} },
    context: "images/0",
    credentials,
});
for (let index = 1; index < ${size}; index++) {
    new CachedImage(\`i\${index}\`, {
        project: { name: ${JSON.stringify(project)}, existing: true },
        context: \`images/\${index}\`,
        credentials,
    }, { dependsOn: first });
}
process.on("exit", () => {
    console.log(\`peak memory \${Math.round(process.resourceUsage().maxRSS / 1024)} MiB\`);
});
`;

const lab = openLab();
const stack = sharedStack(lab, program(1), { files: writeFolder(files) });

/** Runs the program; returns the time and the peak memory. */
async function measured(
    context: TestContext,
    what: string,
    action: () => Promise<Run>,
): Promise<Run> {
    const startedMs = Date.now();
    const run = await action();
    const seconds = ((Date.now() - startedMs) / 1000).toFixed(1);
    const memory = /peak memory \d+ MiB/.exec(run.output)?.[0] ?? "memory unknown";
    context.diagnostic(`${what}: ${seconds} s, ${memory}`);
    assert.equal(run.code, 0, run.output.slice(-4000));
    return run;
}

function appOperations({ operations }: Run): Record<string, number> {
    const counts: Record<string, number> = {};
    for (const [name, operation] of Object.entries(operations)) {
        if (name.endsWith("-app")) {
            counts[operation] = (counts[operation] ?? 0) + 1;
        }
    }
    return counts;
}

let reached = 0;
for (const size of [1, 20, count]) {
    const added = size - reached;
    const kept = reached;
    reached = size;
    test(`previews and deploys a stack of ${size} images, and then has nothing to do`, async (context) => {
        await stack.program(program(size));
        const expected = { ...(kept > 0 ? { same: kept } : {}), create: added };
        const preview = await measured(context, `${size} images, preview`, () => stack.preview());
        assert.deepEqual(appOperations(preview), expected);
        const up = await measured(context, `${size} images, up`, () => stack.up());
        assert.deepEqual(appOperations(up), expected);
        const again = await measured(context, `${size} images, up again`, () => stack.up());
        assert.deepEqual(appOperations(again), { same: size });
        const contents = (await readContents(lab.admin, project)) ?? {};
        assert.deepEqual(
            Object.keys(contents).sort(),
            names(size)
                .flatMap((name) => [name, `${name}/cache`])
                .sort(),
        );
        const digests = names(size).flatMap((name) => Object.keys(contents[name] ?? {}));
        assert.equal(new Set(digests).size, size, "each image is one of its own");
    });
}
