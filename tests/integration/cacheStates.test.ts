import assert from "node:assert/strict";
import { appendFileSync } from "node:fs";
import { join } from "node:path";
import { before, test } from "node:test";
import { useIdleScanner } from "../support/idleScanner";
import { openLab, uniqueName } from "../support/lab";
import { needingSystemRights } from "../support/needs";
import { askApi } from "../support/registry";
import { type RegistryProxy, startRegistryProxy } from "../support/registryProxy";
import { runRetention } from "../support/retention";
import { succeeded } from "../support/run";
import { type Run, TestStack } from "../support/stack";
import { tinyFiles, tinyProgram, writeFolder } from "../support/tinyProject";

const project = uniqueName("states");
const lab = openLab();
const { host } = new URL(lab.admin.url);
let other: RegistryProxy;
let stack: TestStack;
useIdleScanner(lab);

// biome-ignore lint/suspicious/noExplicitAny: answers of Harbor's, of which a test reads a field
async function admin(method: string, path: string, body?: unknown): Promise<any> {
    const { status, json } = await askApi(lab.admin, path, { method, body });
    assert.ok(status >= 200 && status < 300, `${method} ${path}: ${status}`);
    return json;
}

/** A separate project, with a copy of the stack's cache and then with the policy. */
async function copyTo(metadata: Record<string, string>): Promise<string> {
    const name = uniqueName("place");
    await admin("POST", "/projects", { project_name: name, metadata: { public: "true" } });
    const from = encodeURIComponent(`${project}/tiny/cache:dev__build`);
    await admin("POST", `/projects/${name}/repositories/copy/artifacts?from=${from}`);
    await admin("PUT", `/projects/${name}`, { metadata });
    return `${host}/${name}/copy:dev__build`;
}

/** The program's image, and a second image that writes no cache. */
const program = (sources: readonly string[]) => {
    const args = `cache: { fallbackScopes: ["main"], sources: ${JSON.stringify(sources)} },`;
    const plain = `
new CachedImage("plain", {
    project: { name: ${JSON.stringify(project)}, existing: true },
    context: "tiny",
    cache: { write: false },
}, { dependsOn: [tiny] });
`;
    return tinyProgram(project, args) + plain;
};

let changes = 0;
const change = () => appendFileSync(join(stack.folder, "tiny/lib.txt"), `${++changes}\n`);

/**
 * The lines about caches in a run's output, without those of the builder-stage image, each once.
 */
function linesOf(run: Run): readonly string[] {
    return [...new Set(run.output.split("\n").map((line) => line.trim()))];
}

/** What a run advises about one cache source. */
const adviceOn = (run: Run, reference: string) =>
    linesOf(run)
        .find((line) => line.startsWith(`${reference}: `))
        ?.slice(reference.length + 2) ?? "";

before(async () => {
    other = await startRegistryProxy(lab.admin.url);
    stack = await TestStack.create(lab, program([]), { files: writeFolder(tinyFiles) });
    succeeded(await stack.up());
});

test("reports each state of a cache source in the preview of a build, with what to do", async () => {
    const at = (name: string, rest: string) => `${host}/${name}/${rest}`;
    const [place, signed, closed] = [
        await copyTo({}),
        await copyTo({ enable_content_trust_cosign: "true" }),
        await copyTo({ public: "false" }),
    ];
    const nowhere = at(uniqueName("nowhere"), "fm:1");
    const elsewhere = closed.replace(host, other.host);
    const away = "127.0.0.1:1/shop/fm:1";
    const plain = at(project, "plain:latest");
    await stack.program(program([place, signed, closed, nowhere, elsewhere, away, plain]));
    change();
    const run = succeeded(await stack.preview());
    const lines = linesOf(run);
    const own = at(project, "tiny/cache");
    const [line = ""] = lines.filter(
        (one) =>
            one.startsWith("warning: cache: ") && one.includes(`${own}:main__build is missing`),
    );
    for (const state of [
        `${own}:dev__build exists (sha256:`,
        `${own}:main__build is missing`,
        `${place} exists (sha256:`,
        `${signed} is blocked`,
        `${closed} is forbidden`,
        `${nowhere} is missing`,
        `${elsewhere} is forbidden`,
        `${away} is unreachable`,
        `${plain} exists but contains no cache`,
    ]) {
        assert.ok(line.includes(state), `${state} in ${line || run.output}`);
    }
    assert.doesNotMatch(line, /only the builder's local cache/);
    const advice = (reference: string) => adviceOn(run, reference);
    const repository = (reference: string) =>
        reference.replace(/^[^/]+\//, "").replace(/:[^:]*$/, "");
    assert.equal(
        advice(signed),
        "The image is not signed by cosign. The cache is not signed: set sign and delete its tag in Harbor, or keep the cache in a project without content trust (cache.project).",
    );
    assert.match(
        advice(closed),
        new RegExp(
            `^the login for ${host} is good, but the account may not pull from ${repository(closed)}\\. `,
        ),
    );
    assert.equal(
        advice(elsewhere),
        `no login is given for ${other.host}, and ${repository(elsewhere)} is not public. Give a login for ${other.host} whose account may pull from ${repository(elsewhere)}: credentials for the registry of the images, \`docker login\` on this machine for any other.`,
    );
    assert.match(advice(away), /nothing listens there.* the builder may still reach it\.$/);
    assert.match(advice(plain), /^the image carries no cache; .* Push it with an inline cache/);
    // A missing cache that nobody pushed is not a fault, but a project that no run creates is.
    assert.match(
        advice(nowhere),
        /^project "nowhere-\w+" does not exist\. Correct the name of the project, or create it\.$/,
    );
});

needingSystemRights("scanners")(
    "reports a source that vulnerability prevention blocks as blocked, with what to do",
    async () => {
        const scanned = await copyTo({ prevent_vul: "true", severity: "high" });
        await stack.program(program([scanned]));
        change();
        const run = succeeded(await stack.preview());
        assert.ok(run.output.includes(`${scanned} is blocked`), run.output);
        // Harbor names the state of a scan that has begun: "Pending", "Error".
        assert.match(
            adviceOn(run, scanned),
            /^current image (without|with "\w+" status of) vulnerability scanning .* Keep the cache as a registry cache/,
        );
    },
);

/** The robot account that the image made, as Harbor has it. */
async function robotOfImage(): Promise<{ id: number; name: string; disable: boolean }> {
    const { project_id } = await admin("GET", `/projects/${project}`);
    const query = encodeURIComponent(`Level=project,ProjectID=${project_id}`);
    const robots = (await admin("GET", `/robots?q=${query}`)) as {
        id: number;
        name: string;
        disable: boolean;
    }[];
    const robot = robots.find(({ name }) => name.includes("+tiny-robot"));
    assert.ok(robot);
    return robot;
}

const outOfReach = (run: Run) =>
    linesOf(run).find((line) =>
        line.startsWith(
            "warning: cache: dev cannot be read (login refused), dev__build cannot be read (login refused), main cannot be read (login refused), ",
        ),
    );

test("explains a rejected login from Harbor's record of the account", async () => {
    await stack.program(program([]));
    const robot = await robotOfImage();
    change();

    await admin("PUT", `/robots/${robot.id}`, { ...robot, disable: true });
    const disabled = await stack.up();
    assert.notEqual(disabled.code, 0);
    assert.ok(outOfReach(disabled), disabled.output);
    const reason = `he robot account ${robot.name} is disabled in Harbor. Enable it there.`;
    assert.ok(
        disabled.output.includes(`dev, dev__build, main, main__build: t${reason}`),
        disabled.output,
    );
    assert.ok(disabled.output.includes(`; not retried. T${reason}`), disabled.output);
    assert.doesNotMatch(disabled.output, /building again/);

    await admin("PUT", `/robots/${robot.id}`, { ...robot, disable: false });
    await admin("PATCH", `/robots/${robot.id}`, { secret: "Chosen-by-hand1" });
    const changed = await stack.preview();
    assert.ok(outOfReach(changed), changed.output);
    assert.match(
        changed.output,
        /exists, but its secret in Harbor is a different one\. .*--replace URN/,
    );
    assert.doesNotMatch(changed.output, /Chosen-by-hand1/);

    await admin("DELETE", `/robots/${robot.id}`);
    const gone = await stack.preview();
    assert.ok(outOfReach(gone), gone.output);
    assert.match(
        gone.output,
        /does not exist in Harbor\. Was it deleted by hand\? `pulumi refresh` and then `pulumi up`/,
    );

    succeeded(await stack.refresh());
    const healed = succeeded(await stack.up());
    assert.equal(healed.operations["tiny-robot"], "create");
});

/** Runs a foreign retention policy that keeps none of the existing tags; resolves after the run. */
async function runForeignRetention(): Promise<void> {
    const { project_id } = await admin("GET", `/projects/${project}`);
    const pattern = (decoration: string, pattern: string) => ({
        kind: "doublestar",
        decoration,
        pattern,
    });
    const rule = {
        action: "retain",
        template: "always",
        params: {},
        tag_selectors: [{ ...pattern("matches", "keep*"), extras: '{"untagged":false}' }],
        scope_selectors: { repository: [pattern("repoMatches", "**")] },
    };
    await admin("POST", "/retentions", {
        algorithm: "or",
        scope: { level: "project", ref: project_id },
        trigger: { kind: "Schedule", settings: { cron: "" }, references: {} },
        rules: [rule],
    });
    await runRetention(lab.admin, project);
}

test("distinguishes a cache that retention deleted from one that never existed", async () => {
    await runForeignRetention();
    change();
    const preview = succeeded(await stack.preview());
    const gone =
        "warning: cache: dev was deleted, dev__build was deleted, main is missing, main__build is missing; the build starts with only the builder's local cache";
    const advice = `This stack pushed it before, unless a warning reported that the cache was not written. Was it deleted by hand, or by a retention rule? Rules must keep tagged artifacts of ${project}/tiny/cache; those of an ImageProject keep them for retention.cacheDays.`;
    const lines = linesOf(preview);
    assert.ok(
        lines.some((line) => line.startsWith(gone)),
        preview.output,
    );
    assert.ok(
        lines.some((line) => line.startsWith("dev__build: ") && line.endsWith(advice)),
        preview.output,
    );
    // Cold, and not refused.
    succeeded(await stack.up());
});
