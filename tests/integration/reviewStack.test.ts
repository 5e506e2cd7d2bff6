import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { before, test } from "node:test";
import { readManifest } from "../support/image";
import { openLab, uniqueName } from "../support/lab";
import { type RegistryProxy, startRegistryProxy } from "../support/registryProxy";
import { succeeded } from "../support/run";
import { newRunner } from "../support/runner";
import { TestStack } from "../support/stack";
import { writeFolder } from "../support/tinyProject";

const mount = "/root/.cache/tool";
/** The mount, the layer of the builder stage and the files that both stages copy are large. */
const bytesEach = 300_000;
const project = uniqueName("review");
const lab = openLab();
const files = writeFolder({
    "app/Dockerfile": [
        "FROM alpine:3.22 AS build",
        "COPY main.txt /src/",
        `RUN --mount=type=cache,target=${mount} if [ ! -f ${mount}/objects ]; then ` +
            `head -c ${bytesEach} /dev/urandom > ${mount}/objects; fi; ` +
            `head -c ${bytesEach} /dev/urandom > /unused; cp /src/main.txt /out`,
        "FROM alpine:3.22",
        "COPY --from=build /out /out",
        "",
    ].join("\n"),
    "app/main.txt": randomBytes(bytesEach).toString("base64"),
});
let proxy: RegistryProxy;

/** A stack on a new runner, and the bytes that its first deployment sends to Harbor. */
async function deploy(stack: string, args: string): Promise<[TestStack, number]> {
    const program = `
import { CachedImage } from "harbor-build";

new CachedImage("app", { context: "app", ${args} });
`;
    const made = await TestStack.create(lab, program, {
        files,
        stack,
        environment: { HARBOR_URL: proxy.url },
    });
    await newRunner(lab);
    return [made, await bytesOf(made)];
}

async function bytesOf(stack: TestStack): Promise<number> {
    proxy.takeBytes();
    succeeded(await stack.up());
    return proxy.takeBytes();
}

before(async () => {
    proxy = await startRegistryProxy(lab.admin.url);
});

test("pushes only records for a review stack whose sources are those of main", async (t) => {
    const [, main] = await deploy(
        "main",
        `project: { name: "${project}" }, cache: { carryMounts: true }`,
    );
    assert.ok(main > 3 * bytesEach, `main pushed ${main} bytes`);
    const [review, unchanged] = await deploy(
        "review",
        `project: { name: "${project}", existing: true },
         cache: { carryMounts: true, fallbackScopes: ["main"] }, tags: ["review"]`,
    );
    t.diagnostic(`main pushed ${main} bytes, the unchanged review stack ${unchanged}`);
    assert.ok(unchanged < 100_000, `${unchanged} bytes are pushed`);
    const [own, fallback] = await Promise.all(
        ["review__0-mounts", "main__0-mounts"].map((tag) =>
            readManifest(lab.admin, `${project}/app/cache`, tag),
        ),
    );
    assert.deepEqual(own?.layers, fallback?.layers);
    assert.equal(own?.layers.length, 1);

    await writeFile(join(review.folder, "app/main.txt"), "changed\n");
    await newRunner(lab);
    const changed = await bytesOf(review);
    t.diagnostic(`the changed one ${changed}`);
    // The new layer of the builder stage, and no mount.
    assert.ok(changed > bytesEach && changed < 1.5 * bytesEach, `${changed} bytes are pushed`);
});
