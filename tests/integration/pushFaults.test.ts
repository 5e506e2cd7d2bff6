import assert from "node:assert/strict";
import { mkdtempSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { before, test } from "node:test";
import { eraseBuildkit, startBuildkit, stopBuildkit } from "../../tools/sandbox/buildkit";
import { makePlaces, placesOf } from "../../tools/sandbox/places";
import { atEnd } from "../support/atEnd";
import { writeBuilders } from "../support/builders";
import { readContents, taggedDigest } from "../support/harborContents";
import { type Lab, openLab, uniqueName } from "../support/lab";
import { needingHttps, needingSystemRights } from "../support/needs";
import { openPushedImage, type PushedImage, pushedProgram, saidIn } from "../support/pushedImage";
import { askApi } from "../support/registry";
import type { RegistryFault, RegistryProxy } from "../support/registryProxy";
import { changesOf, succeeded } from "../support/run";
import type { TestStack } from "../support/stack";

const project = uniqueName("push");
let lab: Lab;
let proxy: RegistryProxy;
let stack: TestStack;

let push: PushedImage["push"];

before(async () => {
    lab = openLab();
    ({ proxy, stack, push } = await openPushedImage(lab, project, { delayMs: 200 }));
});

// biome-ignore lint/suspicious/noExplicitAny: answers of Harbor's, of which a test reads a field
async function admin(method: string, path: string, body?: unknown): Promise<any> {
    const { status, json } = await askApi(lab.admin, path, { method, body });
    assert.ok(status >= 200 && status < 300, `${method} ${path}: ${status}`);
    return json;
}

const manifest = { method: "PUT", path: "/manifests/dev" } as const;
const upload = { method: "PUT", path: "/blobs/uploads/" } as const;
/**
 * What BuildKit sends in vain before a build of its fails, and one more: four rounds, of two
 * requests where an answer came. Of the next build that one fails, and not the build.
 */
const answered = 4 * 2 + 1;
const unanswered = 4 + 1;
const host = () => proxy.url.replaceAll(".", "\\.");

/** Temporary faults, and the hook's line for each. */
const temporary: readonly (readonly [name: string, fault: RegistryFault, said: () => RegExp])[] = [
    [
        "a reset while a layer is pushed",
        { ...upload, status: "reset", times: 2 * unanswered },
        () =>
            /^warning: the connection (was reset|was closed in the middle of a transfer)( \(PUT \S+\/blobs\/uploads\/[^?]+\))?; building again in 0\.[12] s \(retry 1 of 3\)$/,
    ],
    [
        "a reset while the manifest is pushed",
        { ...manifest, status: "reset", times: unanswered },
        () =>
            /^warning: the connection (was reset|was closed in the middle of a transfer)( \(PUT \S+\/manifests\/dev\))?; building again in 0\.[12] s \(retry 1 of 3\)$/,
    ],
    [
        "an error of the registry's own, 500,",
        { ...manifest, status: 500, times: answered },
        () =>
            new RegExp(
                `^warning: the registry answered 500 to PUT ${host()}/v2/${project}/fm/cache/manifests/dev; building again in 0\\.[12] s \\(retry 1 of 3\\)$`,
            ),
    ],
    [
        "a 503 with Retry-After",
        { ...upload, status: 503, headers: { "retry-after": "1" }, times: 2 * answered },
        () =>
            new RegExp(
                `^warning: the registry answered 503 to PUT ${host()}/v2/${project}/fm/cache/blobs/uploads/[^?]+; building again in 0\\.[12] s \\(retry 1 of 3\\)$`,
            ),
    ],
];

for (const [name, fault, line] of temporary) {
    test(`builds again after ${name}, and logs a counted line once`, async () => {
        proxy.breakNext(fault);
        const run = await push();
        assert.equal(run.code, 0, run.output);
        assert.ok(proxy.broken() > 0, "the fault was met");
        const lines = saidIn(run);
        assert.equal(lines.length, 1, lines.join("\n"));
        assert.match(lines[0] ?? "", line());
    });
}

for (const status of ["reset", "reset after", "truncated", "dropped"] as const) {
    test(`loses nothing when one upload of a layer is ${status}: BuildKit sends it again`, async () => {
        proxy.breakNext({ ...upload, status, times: 1 });
        const run = await push(100_000);
        assert.equal(run.code, 0, run.output);
        assert.equal(proxy.broken(), 1);
        assert.deepEqual(saidIn(run), []);
    });
}

/** Refusals of a manifest without a message, and the advice. */
const refusals: readonly (readonly [status: number, advice: string])[] = [
    [403, "The account may not do that: check its permissions."],
    [409, "Something else is pushing the same tag: let only one build write each tag."],
    [
        413,
        "A proxy in front of the registry limits the size of a request (nginx: client_max_body_size 0).",
    ],
    [507, "The registry's storage is full."],
];

for (const [status, advice] of refusals) {
    test(`reports a ${status} once, leaves the last image under the tag, and completes in the next run`, async () => {
        const tagged = async () =>
            taggedDigest(await readContents(lab.admin, project), "fm/cache", "dev");
        const earlier = await tagged();
        proxy.breakNext({ ...manifest, status, times: 1000 });
        const run = await push();
        assert.notEqual(run.code, 0);
        assert.deepEqual(saidIn(run), [
            `warning: the registry answered ${status} to PUT ${proxy.url}/v2/${project}/fm/cache/manifests/dev; not retried. ${advice}`,
        ]);
        assert.equal(await tagged(), earlier);
        proxy.breakNext({ ...manifest, status, times: 0 });
        const next = await stack.up();
        assert.equal(next.code, 0, next.output);
        assert.notEqual(await tagged(), earlier);
    });
}

test("gives up on a permanent fault after three more builds, with growing waits", async () => {
    proxy.breakNext({ ...manifest, status: 503, times: 1000 });
    const run = await push();
    proxy.breakNext({ ...manifest, status: 503, times: 0 });
    assert.notEqual(run.code, 0);
    const lines = saidIn(run).map((line) =>
        line.replace(/ in [\d.]+ s/, "").replace(/http\S+/, "URL"),
    );
    assert.deepEqual(lines, [
        ...[1, 2, 3].map(
            (count) =>
                `warning: the registry answered 503 to PUT URL building again (retry ${count} of 3)`,
        ),
        "warning: the registry answered 503 to PUT URL gave up after 4 attempts.",
    ]);
});

/**
 * How Harbor answers a token that has run out (recorded with 2.15), with the challenge it asks by.
 */
const runOut = () => ({
    status: 401,
    headers: {
        "content-type": "application/json; charset=utf-8",
        "www-authenticate": `Bearer realm="${proxy.url}/service/token",service="harbor-registry",scope="repository:${project}/fm/cache:pull,push",error="invalid_token"`,
    },
    body: '{"errors":[{"code":"UNAUTHORIZED","message":"unauthorized: unauthorized"}]}',
});

test("loses nothing when a token expires during a push: BuildKit gets a new one", async () => {
    let token: string | undefined;
    proxy.breakNext({
        ...manifest,
        ...runOut(),
        times: 1000,
        when: ({ headers: { authorization } }) => {
            token ??= authorization;
            return authorization === token;
        },
    });
    const run = await push();
    assert.equal(run.code, 0, run.output);
    assert.ok(proxy.broken() > 0, "the fault was met");
    assert.deepEqual(saidIn(run), []);
});

for (const [minutes, where] of [
    [10, "ahead"],
    [-10, "behind"],
] as const) {
    test(`pushes, and has nothing to do afterwards, when Harbor's clock is ten minutes ${where}`, async () => {
        proxy.shiftClock(minutes * 60_000);
        proxy.takeRequests();
        const run = await push();
        const next = await stack.up();
        proxy.shiftClock(0);
        assert.equal(run.code, 0, run.output);
        assert.deepEqual(saidIn(run), []);
        const tokens = proxy
            .takeRequests()
            .filter(({ request }) => / \/service\/token/.test(request));
        assert.ok(tokens.length > 0, "tokens of that clock were used");
        assert.deepEqual(changesOf(succeeded(next)), {});
    });
}

const again =
    /, but the account may push now: the token had expired, .*; building again in 0\.[12] s \(retry 1 of 3\)$/;

test("builds once more after a token expires again and again, since the account may push", async () => {
    proxy.breakNext({ ...manifest, ...runOut(), times: 1000 });
    const refused = await push();
    const ofOneBuild = proxy.broken() / 2;
    assert.notEqual(refused.code, 0);
    const [first = "", second = "", ...more] = saidIn(refused);
    assert.match(first, again);
    assert.match(second, /; not retried\. The account may push in \S+, but the registry refused/);
    assert.deepEqual(more, []);

    proxy.breakNext({ ...manifest, ...runOut(), times: ofOneBuild });
    const run = await push();
    assert.equal(run.code, 0, run.output);
    assert.equal(saidIn(run).length, 1, run.output);
    assert.match(saidIn(run)[0] ?? "", again);
});

needingSystemRights("storage quotas")(
    "reports a full quota once, with its size and what to do",
    async () => {
        const { project_id } = await admin("GET", `/projects/${project}`);
        const [quota] = await admin("GET", `/quotas?reference=project&reference_id=${project_id}`);
        const limit = (storage: number) =>
            admin("PUT", `/quotas/${quota.id}`, { hard: { storage } });
        await limit(quota.used.storage + 1024);
        const run = await push(100_000);
        await limit(-1);
        assert.notEqual(run.code, 0);
        const lines = saidIn(run);
        assert.equal(lines.length, 1, run.output);
        assert.match(
            lines[0] ?? "",
            /^warning: the storage quota of the Harbor project, [\d.]+ KiB, is full; not retried\. Raise the project's storageQuota, or clean up/,
        );
    },
);

test("reports an immutable tag once, with what the rule must exclude", async () => {
    const path = `/projects/${project}/immutabletagrules`;
    await admin("POST", path, {
        action: "immutable",
        template: "immutable_template",
        tag_selectors: [{ kind: "doublestar", decoration: "matches", pattern: "**" }],
        scope_selectors: {
            repository: [{ kind: "doublestar", decoration: "repoMatches", pattern: "**" }],
        },
    });
    const run = await push();
    const [rule] = await admin("GET", path);
    await admin("DELETE", `${path}/${rule.id}`);
    assert.notEqual(run.code, 0);
    assert.deepEqual(saidIn(run), [
        'warning: the tag fm/cache:dev exists and is immutable; not retried. A cache\'s tag moves with each build: the rule must exclude the repositories "**/cache", as the immutableTags of an ImageProject do, or the cache needs its own project (cache.project).',
    ]);
});

test("asks about a 412 without a message, and reports Harbor's message with the fix", async () => {
    const { project_id } = await admin("GET", `/projects/${project}`);
    const trust = (on: boolean) =>
        admin("PUT", `/projects/${project_id}`, {
            metadata: { enable_content_trust_cosign: String(on) },
        });
    await trust(true);
    const run = await push();
    await trust(false);
    assert.notEqual(run.code, 0);
    const lines = saidIn(run);
    assert.equal(lines.length, 1, run.output);
    assert.match(
        lines[0] ?? "",
        /^warning: the registry answered 412 to HEAD \S+\/fm\/cache\/manifests\/dev; not retried\. The registry reports for \S+\/fm\/cache:dev: The image is not signed by cosign\. The cache is not signed: set sign and delete its tag in Harbor, or keep the cache in a project without content trust \(cache\.project\)\.$/,
    );
});

test("reports a wrong password once, without showing it", async () => {
    const undo = stack.setEnvironment({ TEST_PASSWORD: "Wr0ng-secret" });
    const run = await push();
    undo();
    assert.notEqual(run.code, 0);
    const lines = saidIn(run);
    assert.equal(lines.length, 1, run.output);
    assert.match(
        lines[0] ?? "",
        /; not retried\. The login for \S+ is not accepted: its user or secret is wrong/,
    );
    assert.doesNotMatch(run.output, /Wr0ng/);
});

needingHttps("refusal of a certificate")(
    "reports a certificate that the builder does not trust once, and completes with one that does",
    async () => {
        const folder = mkdtempSync(join(tmpdir(), "hb-stranger-"));
        const places = placesOf(folder);
        makePlaces(places);
        atEnd(async () => {
            await stopBuildkit(places);
            eraseBuildkit(places);
            await rm(folder, { recursive: true, force: true });
        });
        const { host } = new URL(lab.admin.url);
        const { buildkitd, runc } = lab.sandboxOptions.tools;
        // Without the sandbox's own authority.
        const endpoint = await startBuildkit(places, {
            buildkitd,
            runc,
            registries: { [host]: { http: false } },
        });
        const builders = await writeBuilders({ stranger: [{ endpoint }] });
        const undo = stack.setEnvironment({ ...builders, HARBOR_URL: lab.admin.url });
        await stack.program(pushedProgram(lab.admin.url, project, { delayMs: 200 }));
        const run = await push();
        undo();
        assert.notEqual(run.code, 0);
        const lines = saidIn(run);
        assert.equal(lines.length, 1, run.output);
        assert.match(
            lines[0] ?? "",
            /^warning: the builder does not trust the registry's certificate \(HEAD https:\S+\); not retried\. Give the builder the CA of the registry: in buildkitd\.toml, \[registry\."HOST"\] with ca = \["FILE"\]\.$/,
        );
        const next = await stack.up();
        assert.equal(next.code, 0, next.output);
    },
);
