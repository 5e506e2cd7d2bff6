import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { before, test } from "node:test";
import { attach, keep, keptIn } from "../../src/mounts/records";
import { locate } from "../../src/registry/location";
import { Registries } from "../../src/registry/registries";
import type { RegistrySession } from "../../src/registry/session";
import { readStoredCache, writeStoredCache } from "../../src/registry/storedCache";
import { recordBuilds } from "../support/buildRecord";
import { type Lab, openLab, uniqueName } from "../support/lab";
import { createProject } from "../support/registry";
import { type RegistryProxy, startRegistryProxy } from "../support/registryProxy";
import { succeeded } from "../support/run";
import { newRunner } from "../support/runner";
import { type StackOptions, TestStack } from "../support/stack";
import { writeFolder } from "../support/tinyProject";
import { printedIn } from "../support/toolApp";

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
let options: StackOptions;
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
    await createProject(lab.admin, project);
    const { username, password } = lab.admin;
    options = {
        files: writeFolder({ "app/Dockerfile": dockerfile, "app/main.txt": "main\n" }),
        environment: { HARBOR_URL: proxy.url, TEST_USERNAME: username, TEST_PASSWORD: password },
    };
    stack = await TestStack.create(lab, program(), options);
});

let changes = 0;

/** Builds a changed source; gives what the compiler printed, and the warnings about mounts. */
async function build() {
    await writeFile(join(stack.folder, "app", "main.txt"), `main ${changes++}\n`);
    const { result, builds } = await recordBuilds(lab, () => stack.up());
    assert.equal(result.code, 0, result.output);
    const warnings = result.output.match(/(?<=^ *warning: )the cache mount.*$/gm) ?? [];
    return { printed: printedIn(builds), warnings: [...new Set(warnings)] };
}

for (const status of [403, "reset"] as const) {
    test(`a registry that breaks the save (${status}) fails no deployment, and one warning reports it`, async () => {
        await newRunner(lab);
        proxy.breakNext({ method: "PUT", path: "manifests/dev__0-save", status, times: 99 });
        const { printed, warnings } = await build();
        assert.ok(proxy.broken() > 0);
        assert.deepEqual(printed, ["compiles all"]);
        assert.deepEqual(warnings, [
            "the cache mounts /m are not saved: the build wrote no save. The next new builder restores the last save, if there is one.",
        ]);
    });
}

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

/** Asks the registry about the repository of the stack's cache. */
async function atCache<T>(
    ask: (session: RegistrySession, repository: string) => Promise<T>,
): Promise<T> {
    const registries = new Registries(() => lab.admin, { url: proxy.url });
    const place = locate(`${proxy.host}/${project}/app/cache:dev`);
    try {
        return await registries.ask(place, (session) => ask(session, place.repository));
    } finally {
        registries.close();
    }
}

test("puts the kept save back when the stack's cache has a foreign one", async () => {
    await atCache(async (session, repository) => {
        const [cache, kept] = await Promise.all(
            ["dev", "dev__0-mounts"].map((tag) => readStoredCache(session, repository, tag)),
        );
        assert.ok(cache && kept);
        const [save] = keptIn(kept.cache);
        const foreign = cache.cache.layers.find(
            ({ blob, parent }) => parent === -1 && blob !== save?.blob,
        );
        assert.ok(save && foreign);
        const forged = attach(cache.cache, [{ ...save, blob: foreign.blob }], [save.record]);
        await writeStoredCache(session, repository, "dev", { ...cache, cache: forged });
    });
    await newRunner(lab);
    assert.deepEqual((await build()).printed, ["compiles fast"]);
});

/** Replaces the kept save by a layer with these files, which the hook before a build attaches. */
async function replaceSave(files: Readonly<Record<string, string>>): Promise<void> {
    const folder = writeFolder(files);
    const layer = execFileSync("tar", ["-cC", folder, "."], { encoding: "latin1" });
    const digest = `sha256:${createHash("sha256").update(layer).digest("hex")}`;
    const mediaType = "application/vnd.oci.image.layer.v1.tar";
    const annotations = { "containerd.io/uncompressed": digest };
    const blob = { mediaType, digest, size: layer.length, annotations };
    await atCache(async (session, repository) => {
        const kept = await readStoredCache(session, repository, "dev__0-mounts");
        const saves = keptIn(kept?.cache ?? { layers: [], records: [] });
        assert.equal(saves.length, 1);
        await session.putBlob(repository, layer, digest);
        await writeStoredCache(session, repository, "dev__0-mounts", {
            cache: keep(saves.map((save) => ({ ...save, blob: digest }))),
            blobs: new Map([[digest, blob]]),
        });
    });
}

/** The key of the mount, whose id depends on the registry. */
function keyOfMount(): string {
    const options = `type=cache,id=${proxy.host}/${project}:/m`;
    return createHash("sha256").update(options).digest("hex").slice(0, 10);
}

for (const [what, files, fault] of [
    [
        "a damaged save",
        {
            KEY: "",
            "KEY-x86_64.tar": "no archive",
            "KEY-aarch64.tar": "no archive",
        },
        "is damaged",
    ],
    [
        "a save of another architecture",
        { KEY: "", "KEY-other64.tar": "" },
        "is from another architecture or another program",
    ],
    [
        "a save of another program",
        { "objects/one": "object" },
        "is from another architecture or another program",
    ],
] as const) {
    test(`${what} costs only time: one warning reports it, and the build saves the mount again`, async () => {
        const named = Object.entries(files).map(([name, text]) => [
            name.replace("KEY", keyOfMount()),
            text,
        ]);
        await replaceSave(Object.fromEntries(named));
        await newRunner(lab);
        assert.deepEqual(await build(), {
            printed: ["compiles all"],
            warnings: [
                `the cache mount /m was not restored: its save ${fault}. The build started with an empty mount.`,
            ],
        });
    });
}

test("restores the save that replaced a save of another program, without a warning", async () => {
    await newRunner(lab);
    assert.deepEqual(await build(), { printed: ["compiles fast"], warnings: [] });
});

test("a save whose layer the registry has lost costs only time", async () => {
    const kept = await atCache((session, repository) =>
        readStoredCache(session, repository, "dev__0-mounts"),
    );
    const blob = kept?.cache.layers[0]?.blob;
    proxy.breakNext({ method: "HEAD", path: `blobs/${blob}`, status: 404, times: 99 });
    await newRunner(lab);
    assert.deepEqual(await build(), {
        printed: ["compiles all"],
        warnings: [
            "the cache mount /m was not restored: its save is missing in the registry. The build started with an empty mount.",
        ],
    });
});

test("two stacks that save the mounts of one scope at the same time leave a save to restore", async () => {
    proxy.breakNext({ method: "PUT", path: "nothing", status: 403, times: 0 });
    const other = await TestStack.create(lab, program('scope: "dev",'), {
        ...options,
        stack: "other",
    });
    await writeFile(join(other.folder, "app", "main.txt"), "main, of the other stack\n");
    const [{ warnings }, { output }] = await Promise.all([build(), other.up().then(succeeded)]);
    // One stack may compile while the other one saves.
    const meanwhile = "another build on the same builder changed its files meanwhile";
    assert.deepEqual(
        warnings.filter((warning) => !warning.includes(meanwhile)),
        [],
    );
    assert.doesNotMatch(output, new RegExp(`warning: the cache mount(?!.*${meanwhile})`));
    await newRunner(lab);
    assert.deepEqual(await build(), { printed: ["compiles fast"], warnings: [] });
});
