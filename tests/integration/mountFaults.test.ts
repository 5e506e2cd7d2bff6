import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { before, test } from "node:test";
import { attach, keptIn } from "../../src/mounts/records";
import { locate } from "../../src/registry/location";
import { Registries } from "../../src/registry/registries";
import { readStoredCache, writeStoredCache } from "../../src/registry/storedCache";
import { recordBuilds } from "../support/buildRecord";
import { type Lab, openLab, uniqueName } from "../support/lab";
import { askApi } from "../support/registry";
import { type RegistryProxy, startRegistryProxy } from "../support/registryProxy";
import { newRunner } from "../support/runner";
import { TestStack } from "../support/stack";
import { writeFolder } from "../support/tinyProject";

const compile =
    'if [ -f /m/objects ]; then echo "compiles fast"; else echo "compiles all"; fi; ' +
    "head -c 200000 /dev/urandom >> /m/objects; cp /src/main.txt /out";
const dockerfile = [
    "FROM alpine:3.22 AS build",
    "COPY main.txt /src/",
    `RUN ${compile}`,
    "FROM scratch",
    "COPY --from=build /out /out",
    "",
].join("\n");
const project = uniqueName("mountfaults");
let lab: Lab;
let proxy: RegistryProxy;
let stack: TestStack;

const program = (cache = "") => `
import { CachedImage } from "harbor-build";

const { TEST_USERNAME: username = "", TEST_PASSWORD: password = "" } = process.env;
new CachedImage("app", {
    project: { name: "${project}", existing: true },
    context: "app",
    credentials: { username, password },
    cacheMounts: { build: ["/m"] },
    cache: { carryMounts: true, ${cache} },
});
`;

before(async () => {
    lab = openLab();
    proxy = await startRegistryProxy(lab.admin.url);
    const body = { project_name: project };
    const { status } = await askApi(lab.admin, "/projects", { method: "POST", body });
    assert.equal(status, 201);
    const { username, password } = lab.admin;
    stack = await TestStack.create(lab, program(), {
        files: writeFolder({ "app/Dockerfile": dockerfile, "app/main.txt": "main\n" }),
        environment: { HARBOR_URL: proxy.url, TEST_USERNAME: username, TEST_PASSWORD: password },
    });
});

let changes = 0;

/** Builds a changed source; gives what the compiler printed, and the warnings about mounts. */
async function build() {
    await writeFile(join(stack.folder, "app", "main.txt"), `main ${changes++}\n`);
    const { result, builds } = await recordBuilds(lab, () => stack.up());
    assert.equal(result.code, 0, result.output);
    const warnings = result.output.match(/(?<=^ *warning: )the cache mount.*$/gm) ?? [];
    const printed = builds.flatMap(({ output }) => output.match(/compiles \w+/g) ?? []);
    return { printed, warnings: [...new Set(warnings)] };
}

test("a registry that refuses the save fails no deployment, and one warning says so", async () => {
    await newRunner(lab);
    proxy.breakNext({ method: "PUT", path: "manifests/dev__0-save", status: 403, times: 99 });
    const { printed, warnings } = await build();
    assert.ok(proxy.broken() > 0);
    assert.deepEqual(printed, ["compiles all"]);
    assert.deepEqual(warnings, [
        "the cache mounts /m are not saved: the build wrote no save. The next new builder restores the last save, if there is one.",
    ]);
});

test("the next build saves, and a registry that then fails in the middle leaves that save", async () => {
    proxy.breakNext({ method: "PUT", path: "nothing", status: 403, times: 0 });
    assert.deepEqual(await build(), { printed: ["compiles fast"], warnings: [] });
    proxy.breakNext({ method: "PUT", path: "manifests/dev__0-mounts", status: 403, times: 99 });
    const { warnings } = await build();
    assert.ok(proxy.broken() > 0);
    assert.match(warnings.join(), /^the cache mounts \/m are not saved: /);
    proxy.breakNext({ method: "PUT", path: "nothing", status: 403, times: 0 });
    await newRunner(lab);
    // The hook before the build attaches what the hook after the last one could not.
    assert.deepEqual(await build(), { printed: ["compiles fast"], warnings: [] });
});

test("a mount above the limit is not saved, and the last save stays", async () => {
    await stack.program(program("mountBytesMax: 1000,"));
    assert.deepEqual(await build(), {
        printed: ["compiles fast"],
        warnings: [
            "the cache mount /m is not saved: it is larger than 1000 bytes. Fix: raise cache.mountBytesMax, or clean the mount.",
        ],
    });
    await stack.program(program());
    await newRunner(lab);
    assert.deepEqual(await build(), { printed: ["compiles fast"], warnings: [] });
});

test("puts the kept save back when the stack's cache has a foreign one", async () => {
    const registries = new Registries(() => lab.admin, { url: proxy.url });
    const place = locate(`${proxy.host}/${project}/app/cache:dev`);
    await registries.ask(place, async (session) => {
        const [cache, kept] = await Promise.all(
            ["dev", "dev__0-mounts"].map((tag) => readStoredCache(session, place.repository, tag)),
        );
        assert.ok(cache && kept);
        const [save] = keptIn(kept.cache);
        const foreign = cache.cache.layers.find(
            ({ blob, parent }) => parent === -1 && blob !== save?.blob,
        );
        assert.ok(save && foreign);
        const forged = attach(cache.cache, [{ ...save, blob: foreign.blob }], [save.record]);
        await writeStoredCache(session, place.repository, "dev", { ...cache, cache: forged });
    });
    registries.close();
    await newRunner(lab);
    assert.deepEqual((await build()).printed, ["compiles fast"]);
});
