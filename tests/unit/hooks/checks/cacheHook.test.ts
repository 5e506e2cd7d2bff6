import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import * as pulumi from "@pulumi/pulumi";
import { inspectImage } from "../../../../src/hooks/checks/cacheHook";
import { sourcesHook } from "../../../../src/hooks/checks/sourcesHook";
import { mockRun } from "../../../support/mocks";
import { pushImage, startTinyRegistry, type TinyRegistry } from "../../registry/tinyRegistry";

let registry: TinyRegistry;
let own: string;
const secret = "S3cret-of-the-robot";
const env = { DOCKER_CONFIG: "/nonexistent" };

before(async () => {
    await mockRun({ preview: true });
    registry = await startTinyRegistry({
        projects: { shop: "private" },
        accounts: { ci: { password: secret, rights: { shop: ["pull", "push"] } } },
    });
    own = `${registry.host}/shop/fm/cache:dev__build`;
});
after(() => registry.close());

/** Inputs as the SDK hands them to a hook: the list with the password as a secret output. */
const inputs = (password: unknown = secret, cacheFrom = [own]) => ({
    tags: [own],
    cacheFrom: cacheFrom.map((ref) => ({ registry: { ref } })),
    registries: pulumi.secret([{ address: registry.host, username: "ci", password }]),
});
const ask = async (news: Record<string, unknown>, olds?: Record<string, unknown>) =>
    (await inspectImage(news, olds, { ownReferences: [], url: registry.url, env })).report;

test("accepts a missing cache in a stack's first build", async () => {
    const report = await ask(inputs());
    assert.deepEqual(report, {
        severity: "info",
        message:
            "cache: dev__build is missing; the build starts with only the builder's local cache",
    });
});

test("warns in an update when the tag of the last deployment is lost", async () => {
    const report = await ask(inputs(), inputs());
    assert.equal(report?.severity, "warning");
    assert.match(report?.message ?? "", /This stack pushed it before/);
});

test("warns in an update when a cache that the stack has read is lost", async () => {
    const builder = `${registry.host}/shop/fm/cache:dev__deps`;
    const app = inputs(secret, [builder]);
    const options = { url: registry.url, env };
    const warned = await inspectImage(app, app, { ...options, ownReferences: [builder] });
    const main = await inspectImage(app, app, { ...options, ownReferences: [] });
    assert.deepEqual([warned.report?.severity, main.report?.severity], ["warning", "info"]);
});

test("reports existing sources with their digests", async () => {
    const digest = pushImage(registry, "shop/fm/cache", "dev__build", { inlineCache: true });
    assert.deepEqual(await ask(inputs(), inputs()), {
        severity: "info",
        message: `cache: dev__build exists (${digest.slice(0, 19)}…)`,
    });
});

test("does not ask for a source whose password is known only after the deployment", async () => {
    const from = registry.requests.length;
    const login = { address: registry.host, username: "ci", password: pulumi.unknown };
    for (const registries of [[login], pulumi.secret([login])]) {
        const report = await ask({ ...inputs(), registries });
        assert.equal(
            report?.message,
            "cache: dev__build has not been checked yet; their login is known only after the deployment creates it",
        );
    }
    assert.equal(registry.requests.length, from);
});

test("keeps passwords out of the report", async () => {
    const report = await ask(inputs("Wr0ng-secret"));
    assert.equal(report?.severity, "warning");
    assert.doesNotMatch(report?.message ?? "", /Wr0ng|S3cret/);
    assert.match(report?.message ?? "", /^cache: dev__build cannot be read \(login refused\)/);
});

test("does not ask for a build without cache and for disabled sources", async () => {
    assert.equal(await ask({ ...inputs(), noCache: true }), undefined);
    const off = [{ registry: { ref: own }, disabled: true }, { gha: {} }];
    assert.equal(await ask({ ...inputs(), cacheFrom: off }), undefined);
});

test("asks once per registry why a login is rejected, and reports what to do", async () => {
    const asked: [string, string][] = [];
    const { report } = await inspectImage(inputs("Wr0ng-secret", [own, `${own}-2`]), undefined, {
        ownReferences: [],
        url: registry.url,
        env,
        explainLogin: async (host, username) => {
            asked.push([host, username]);
            return {
                status: "expired",
                reason: "the robot account ci expired",
                advice: "Renew it.",
            };
        },
    });
    assert.deepEqual(asked, [[registry.host, "ci"]]);
    assert.equal(
        report?.message,
        [
            "cache: dev__build cannot be read (account expired), dev__build-2 cannot be read (account expired); the build starts with only the builder's local cache",
            "  dev__build, dev__build-2: the robot account ci expired. Renew it.",
        ].join("\n"),
    );
});

test("reports a missing project to push to as an obstacle when the project is certainly missing", async () => {
    const elsewhere = (project: string) => `${registry.host}/${project}/fm/cache:dev`;
    const judged: string[] = [];
    const obstacle = async (news: Record<string, unknown>, verdict: string | undefined) => {
        const judgeMissingProject = async (project: string) => {
            judged.push(project);
            return verdict;
        };
        const options = { ownReferences: [], url: registry.url, env, judgeMissingProject };
        return (await inspectImage(news, undefined, options)).obstacle;
    };
    const tagged = { ...inputs(secret, []), tags: [elsewhere("tagged")] };
    const cached = { ...inputs(secret, []), cacheTo: [{ registry: { ref: elsewhere("cached") } }] };
    const read = inputs(secret, [elsewhere("only-read")]);
    assert.equal(await obstacle(tagged, "no"), "no");
    assert.equal(await obstacle(tagged, undefined), undefined);
    assert.equal(await obstacle(cached, "no"), "no");
    assert.equal(await obstacle(read, "no"), undefined);
    assert.deepEqual(judged, ["tagged", "tagged", "cached"]);
});

test("reports the verified caches of each image, and logs a warning about the same caches once", async (t) => {
    const log = {
        warn: t.mock.method(pulumi.log, "warn", async () => undefined),
        info: t.mock.method(pulumi.log, "info", async () => undefined),
    };
    const reports: (readonly [string, string])[] = [];
    const hook = sourcesHook({
        ownReferences: [],
        url: registry.url,
        env,
        trustOf: () => assert.fail("a preview needs no key"),
        onCacheReport: (image, message) => reports.push([image, message]),
    });
    const ask = async (name: string, tag: string, password: string) =>
        hook({
            urn: "u",
            id: "",
            name: `${name}-sources`,
            type: "t",
            newInputs: {
                references: [`${registry.host}/shop/fm/cache:${tag}`],
                publicKeys: [],
                registry: registry.host,
                username: "ci",
                password: pulumi.secret(password),
            },
        });
    for (const name of ["fm-app", "fm-stage-build"]) {
        await ask(name, "none", "Wr0ng-secret");
        await ask(name, "none", secret);
    }
    await ask("fm-app", "other", "Wr0ng-secret");
    const refused = (tag: string) =>
        `cache: ${tag} cannot be read (login refused); the build starts with only the builder's local cache`;
    const missing = "cache: none is missing; the build starts with only the builder's local cache";
    assert.deepEqual(
        reports.map(([image, message]) => [image, message.split("\n")[0]]),
        [
            ["fm-app", refused("none")],
            ["fm-app", missing],
            ["fm-stage-build", refused("none")],
            ["fm-stage-build", missing],
            ["fm-app", refused("other")],
        ],
    );
    const logged = (calls: readonly { readonly arguments: readonly unknown[] }[]) =>
        calls.map(({ arguments: [message] }) => String(message).split("\n")[0]);
    assert.deepEqual(logged(log.warn.mock.calls), [refused("none"), refused("other")]);
    assert.deepEqual(logged(log.info.mock.calls), [missing, missing]);
});
