import assert from "node:assert/strict";
import { utimesSync } from "node:fs";
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { before, test } from "node:test";
import { unpackImage } from "../support/image";
import { openLab, uniqueName } from "../support/lab";
import { succeeded } from "../support/run";
import { newRunner } from "../support/runner";
import { sharedStack } from "../support/sharedStack";
import { writeFolder } from "../support/tinyProject";

const project = uniqueName("like");
const names = ["one", "two", "six"];
const files = Object.fromEntries(
    names.flatMap((name) => [
        [`${name}/Dockerfile`, "FROM scratch\nCOPY text /text\n"],
        [`${name}/text`, `of ${name}\n`],
    ]),
);
const program = `
import { CachedImage } from "harbor-build";

const one = new CachedImage("one", {
    project: { name: "${project}" },
    context: "one",
    retainImages: false,
});
for (const name of ["two", "six"]) {
    const project = { name: "${project}", existing: true };
    new CachedImage(name, { project, context: name }, { dependsOn: one });
}
`;
const lab = openLab();
const stack = sharedStack(lab, program, { files: writeFolder(files) });

before(async () => {
    // As after a checkout within one tick of the clock, or by a tool that sets every time.
    for (const file of Object.keys(files)) {
        utimesSync(join(stack.folder, file), 1_700_000_000, 1_700_000_000);
    }
    await newRunner(lab);
});

test("builds different images from contexts whose files differ only in content", async () => {
    succeeded(await stack.up());
    for (const name of names) {
        const rootfs = await unpackImage(lab.admin, `${project}/${name}`, "latest");
        const text = await readFile(join(rootfs, "text"), "utf8");
        await rm(rootfs, { recursive: true });
        assert.equal(text, `of ${name}\n`);
    }
});
