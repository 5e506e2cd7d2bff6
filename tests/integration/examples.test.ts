import assert from "node:assert/strict";
import { test } from "node:test";
import { openExample } from "../support/example";
import { readManifest } from "../support/image";
import { openLab } from "../support/lab";

const host = new URL(openLab().admin.url).host;

for (const [name, tag] of [
    ["javascript", "1.0.0"],
    ["esm", "1.0.0"],
    ["component", "1.0.0"],
] as const) {
    test(`runs ${name} with the commands of its README, copied out of the clone`, async () => {
        const example = await openExample(name);
        await example.runReadme();
        const image = (await example.project.succeed("pulumi", "stack", "output", "image")).trim();
        const digest = image.slice(image.indexOf("@") + 1);
        assert.equal(image, `${host}/example-${name}/site:${tag}@${digest}`);
        const { layers } = await readManifest(openLab().admin, `example-${name}/site`, tag);
        assert.equal(layers.length, 2, "the base and the pages");
    });
}
