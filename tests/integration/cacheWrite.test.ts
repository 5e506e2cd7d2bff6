import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { before } from "node:test";
import { openLab, uniqueName } from "../support/lab";
import { needingSystemRights } from "../support/needs";
import { askApi } from "../support/registry";
import { changesOf, succeeded } from "../support/run";
import { sharedStack } from "../support/sharedStack";
import type { Run } from "../support/stack";
import { tinyFiles, tinyProgram, writeFolder } from "../support/tinyProject";

const lab = openLab();
const { host } = new URL(lab.admin.url);
const images = uniqueName("images");
const caches = uniqueName("caches");
const login = JSON.stringify({ username: lab.admin.username, password: lab.admin.password });

const program = (args = "") =>
    tinyProgram(
        images,
        `cache: { project: "${caches}", backend: CacheBackend.Registry },
        credentials: ${login},
        ${args}`,
    ).replace("CachedImage }", "CacheBackend, CachedImage, PreviewMode }");
const stack = sharedStack(lab, program(), {
    files: writeFolder(tinyFiles),
    environment: { HARBOR_BUILD_REPORT: "report.md" },
});

// biome-ignore lint/suspicious/noExplicitAny: answers of Harbor's, of which a test reads a field
async function admin(method: string, path: string, body?: unknown): Promise<any> {
    const { status, json } = await askApi(lab.admin, path, { method, body });
    assert.ok(status >= 200 && status < 300, `${method} ${path}: ${status}`);
    return json;
}

/** Sets the storage quota of the caches' project: `rest` bytes more than it uses now. */
async function leaveBytes(rest: number): Promise<void> {
    const { project_id } = await admin("GET", `/projects/${caches}`);
    const [quota] = await admin("GET", `/quotas?reference=project&reference_id=${project_id}`);
    const storage = rest === Infinity ? -1 : quota.used.storage + rest;
    await admin("PUT", `/quotas/${quota.id}`, { hard: { storage } });
}

/** Changes a file whose layer is as large as the file. */
const change = () =>
    writeFileSync(join(stack.folder, "tiny/conf.txt"), randomBytes(50_000).toString("base64"));

const cache = `${host}/${caches}/tiny/cache:dev`;
/** The warnings about an unwritten cache. */
const warnings = (run: Run) => [
    ...new Set(
        run.output
            .split("\n")
            .map((line) => line.trim())
            .filter((line) => /^warning: the cache .* was not written: /.test(line)),
    ),
];
const isThere = async () => {
    const path = `/projects/${caches}/repositories/tiny%252Fcache/artifacts/dev`;
    return (await askApi(lab.admin, path)).status === 200;
};
const full =
    /the storage quota of the Harbor project, [\d.]+ [KM]iB, is full\. Raise the project's storageQuota, or clean up: .*/;
const reported = () =>
    /- \*\*Cache not written\*\*: (.*)\n/
        .exec(readFileSync(join(stack.folder, "report.md"), "utf8"))?.[1]
        ?.replace(/&#(\d+);/g, (_, code) => String.fromCodePoint(Number(code)));

before(async () => {
    await admin("POST", "/projects", { project_name: caches });
});

needingSystemRights("storage quotas")(
    "deploys the image with one warning when the quota of the caches' project is full",
    async () => {
        change();
        await leaveBytes(1024);
        const first = succeeded(await stack.up());
        assert.match((await stack.outputs())["digest"] as string, /^sha256:/);
        assert.equal(await isThere(), false);
        assert.equal(warnings(first).length, 1, first.output);
        assert.match(
            warnings(first)[0] ?? "",
            new RegExp(
                `^warning: the cache ${cache} was not written: ${full.source} The image is pushed\\. Until a build writes the cache, builds on new builders run every step\\.$`,
            ),
        );
        assert.match(reported() ?? "", full);

        await leaveBytes(Infinity);
        change();
        assert.deepEqual(warnings(succeeded(await stack.up())), []);
        assert.equal(await isThere(), true);
        assert.equal(reported(), undefined);
        assert.deepEqual(changesOf(succeeded(await stack.up())), {});
    },
);

needingSystemRights("storage quotas")(
    "warns when a build leaves the cache of an earlier build",
    async () => {
        await leaveBytes(1024);
        change();
        const run = succeeded(await stack.up());
        assert.equal(warnings(run).length, 1, run.output);
        assert.match(
            warnings(run)[0] ?? "",
            /builds on new builders use the cache of an earlier build\.$/,
        );
        await leaveBytes(Infinity);
    },
);

needingSystemRights("storage quotas")(
    "warns when the build that only writes the cache does not write it",
    async () => {
        await stack.program(program("preview: PreviewMode.Build,"));
        change();
        succeeded(await stack.up());
        await leaveBytes(1024);
        change();
        const run = succeeded(await stack.up());
        assert.equal(warnings(run).length, 1, run.output);
        assert.match(warnings(run)[0] ?? "", /the cache \S+ was not written: /);
        assert.notEqual(reported(), undefined);
        await leaveBytes(Infinity);
    },
);
