import assert from "node:assert/strict";
import { test } from "node:test";
import { readContents } from "./harborContents";
import { openLab, uniqueName } from "./lab";
import { measured, type Peaks, printsPeaks } from "./peaks";
import { sharedStack } from "./sharedStack";
import type { Run } from "./stack";
import { writeFolder } from "./tinyProject";

const names = (size: number) => Array.from({ length: size }, (_, index) => `i${index}`);

/** A program with this number of images in one project. */
const program = (project: string, size: number) => `
import { CachedImage } from "harbor-build";
${printsPeaks}
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
`;

/** What the runs of a stack needed. */
export interface StackPeaks {
    readonly images: number;
    readonly up: Peaks;
    readonly again: Peaks;
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

/**
 * Adds a test for each size, ascending, that grows one stack to so many images. Returns what the
 * runs needed, complete after the last of these tests.
 */
export function testManyImages(sizes: readonly number[]): readonly StackPeaks[] {
    const project = uniqueName("many");
    const files = Object.fromEntries(
        Array.from({ length: Math.max(...sizes) }, (_, index) => [
            [`images/${index}/Dockerfile`, "FROM scratch\nCOPY text /text\n"],
            [`images/${index}/text`, `image ${index}\n`],
        ]).flat(),
    );
    const lab = openLab();
    const stack = sharedStack(lab, program(project, 1), { files: writeFolder(files) });
    const all: StackPeaks[] = [];
    let reached = 0;
    for (const size of sizes) {
        const added = size - reached;
        const kept = reached;
        reached = size;
        test(`previews and deploys a stack of ${size} images, and then has nothing to do`, async (context) => {
            await stack.program(program(project, size));
            const expected = { ...(kept > 0 ? { same: kept } : {}), create: added };
            const measure = (what: string, action: () => Promise<Run>) =>
                measured(context, `${size} images, ${what}`, action);
            const preview = await measure("preview", () => stack.preview());
            assert.deepEqual(appOperations(preview.run), expected);
            const up = await measure("up", () => stack.up());
            assert.deepEqual(appOperations(up.run), expected);
            const again = await measure("up again", () => stack.up());
            assert.deepEqual(appOperations(again.run), { same: size });
            const contents = (await readContents(lab.admin, project)) ?? {};
            assert.deepEqual(
                Object.keys(contents).sort(),
                names(size)
                    .flatMap((name) => [name, `${name}/cache`])
                    .sort(),
            );
            const digests = names(size).flatMap((name) => Object.keys(contents[name] ?? {}));
            assert.equal(new Set(digests).size, size, "each image is one of its own");
            all.push({ images: size, up, again });
        });
    }
    return all;
}
