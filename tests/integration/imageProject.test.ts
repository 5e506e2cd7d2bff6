import assert from "node:assert/strict";
import { before, test } from "node:test";
import { type Lab, openLab, uniqueName } from "../support/lab";
import { needingSystemRights } from "../support/needs";
import { asUser, PolicyProject, policyFiles, policyProgram } from "../support/policyProject";
import { ask, basic, pull, type RegistryAccess } from "../support/registry";
import { changesOf } from "../support/run";
import { TestStack } from "../support/stack";
import { writeFolder } from "../support/tinyProject";

const withSystemRights = needingSystemRights("users");
let lab: Lab;
let project: PolicyProject;

before(async () => {
    lab = openLab();
    project = await PolicyProject.create(lab, () => ({}));
    const up = await project.stack.up();
    assert.equal(up.code, 0, up.output);
});

/** The login in a pull secret, as a cluster would use it. */
async function clusterAccess(stack: TestStack): Promise<RegistryAccess> {
    const { auths } = JSON.parse(String((await stack.outputs())["pullSecret"]));
    const host = new URL(lab.admin.url).host;
    assert.deepEqual(Object.keys(auths), [host]);
    const { username, password, auth } = auths[host];
    assert.equal(`Basic ${auth}`, basic({ username, password }));
    return { ...lab.admin, username, password };
}

/** Repository and digest of the image that a stack has pushed. */
async function pushed(stack: TestStack): Promise<{ repository: string; digest: string }> {
    const image = String((await stack.outputs())["image"]);
    const [, repository = "", digest = ""] = /^[^/]+\/(.+):[^:@]+@(sha256:.+)$/.exec(image) ?? [];
    return { repository, digest };
}

/** The registry's answer to the start of a push. */
async function startPush(access: RegistryAccess, repository: string): Promise<number> {
    const scope = encodeURIComponent(`repository:${repository}:pull,push`);
    const url = `${access.url}/service/token?service=harbor-registry&scope=${scope}`;
    const answer = await ask(access, url, { headers: { authorization: basic(access) } });
    const { token } = JSON.parse(answer.body.toString("utf8"));
    const upload = await ask(access, `${access.url}/v2/${repository}/blobs/uploads/`, {
        method: "POST",
        headers: { authorization: `Bearer ${token}` },
    });
    return upload.status;
}

test("pulls a pushed image with the pull secret, which cannot push", async () => {
    const access = await clusterAccess(project.stack);
    const { repository, digest } = await pushed(project.stack);
    assert.equal((await pull(access, repository, `manifests/${digest}`)).status, 200);
    assert.equal(await startPush(access, repository), 401);
    assert.equal(await startPush(lab.admin, repository), 202);
});

test("shows no diff for an unchanged project, and finds no drift in a refresh", async () => {
    const preview = await project.stack.preview("--expect-no-changes");
    assert.equal(preview.code, 0, preview.output);
    const refresh = await project.stack.refresh("--expect-no-changes");
    assert.equal(refresh.code, 0, refresh.output);
});

test("puts no password into the state or the output of a run", async () => {
    const { password } = await clusterAccess(project.stack);
    const preview = await project.stack.preview("--diff", "--show-sames");
    assert.equal(preview.code, 0, preview.output);
    assert.equal(preview.output.includes(password), false);
    assert.equal((await project.stack.state()).includes(password), false);
});

test("builds nothing for a rotated password of the robot account for builds, and still pushes", async () => {
    const said = (password: string) => ({
        project: `secrets: { push: ${JSON.stringify(password)} },`,
    });
    await project.stack.program(policyProgram(project.name, said("First-passw0rd")));
    const first = await project.stack.up();
    assert.equal(first.code, 0, first.output);
    await project.stack.program(policyProgram(project.name, said("Second-passw0rd")));
    const preview = await project.stack.preview();
    assert.equal(preview.code, 0, preview.output);
    const second = await project.stack.up();
    assert.equal(second.code, 0, second.output);
    for (const run of [preview, second]) {
        const changed = Object.entries(run.operations).filter(([, name]) => name !== "same");
        assert.deepEqual(changed, [["shop-push", "update"]], run.output);
    }
    const { run, costly } = await project.upOnNewRunner();
    assert.equal(run.code, 0, run.output);
    assert.deepEqual(costly, ["cached", "cached"]);
});

test("deletes what caches leave behind, and no image", async () => {
    const size = 200_000;
    const before = await pushed(project.stack);
    for (const _ of [1, 2, 3]) {
        project.change(size);
        const up = await project.stack.up();
        assert.equal(up.code, 0, up.output);
    }
    const full = await project.used();
    await project.clean();
    const cleaned = await project.used();
    // What the two overwritten builder-stage images alone have; the file is in app images, which stay.
    assert.ok(full - cleaned > 2 * size, `${full} to ${cleaned} bytes`);
    const { repository, digest } = await pushed(project.stack);
    for (const kept of [before.digest, digest]) {
        const answer = await pull(lab.admin, repository, `manifests/${kept}`);
        assert.equal(answer.status, 200, kept);
    }
    const { run, costly } = await project.upOnNewRunner();
    assert.equal(run.code, 0, run.output);
    assert.deepEqual(costly, ["cached", "cached"]);
});

test("uses the project of the first stack in a second stack, with its own robot accounts", async () => {
    const said = {
        project: "existing: true,",
        image: 'image: "other", cache: { scope: "main" },',
    };
    const other = await TestStack.create(lab, policyProgram(project.name, said), {
        files: writeFolder(policyFiles),
        stack: "second",
    });
    const up = await other.up();
    assert.equal(up.code, 0, up.output);
    assert.deepEqual(
        Object.keys(up.operations)
            .filter((name) => name.startsWith("shop"))
            .sort(),
        ["shop", "shop-pull", "shop-push"],
    );
    const [mine, theirs] = await Promise.all([project.stack.outputs(), other.outputs()]);
    assert.notEqual(mine["pushUsername"], theirs["pushUsername"]);
    assert.equal(mine["projectId"], theirs["projectId"]);
    const destroyed = await other.destroy();
    assert.equal(destroyed.code, 0, destroyed.output);
    const { repository, digest } = await pushed(project.stack);
    const answer = await pull(lab.admin, repository, `manifests/${digest}`);
    assert.equal(answer.status, 200, "the first stack's image is still there");
});

test("reports a missing existing project in the preview, by its name", async () => {
    const name = uniqueName("nowhere");
    const program = policyProgram(name, { project: "existing: true," });
    const stack = await TestStack.create(lab, program, { files: writeFolder(policyFiles) });
    const preview = await stack.preview();
    assert.notEqual(preview.code, 0);
    assert.ok(preview.output.includes(`  name: Harbor has no project "${name}"`), preview.output);
    assert.doesNotMatch(preview.output, /error serializing property|^\s+at .*:\d+:\d+/m);
});

withSystemRights(
    "reports an existing project that the login may not read, without a stack trace",
    async () => {
        const { environment } = await asUser(lab);
        const program = policyProgram(project.name, { project: "existing: true," });
        const files = writeFolder(policyFiles);
        const stack = await TestStack.create(lab, program, {
            files,
            stack: "stranger",
            environment,
        });
        const preview = await stack.preview();
        assert.notEqual(preview.code, 0);
        assert.ok(
            preview.output.includes(`ImageProject "shop": an argument is invalid.`),
            preview.output,
        );
        assert.match(preview.output, / {2}name: .*The configured login lacks the right to do this/);
        assert.doesNotMatch(preview.output, /error serializing property|^\s+at .*:\d+:\d+/m);
    },
);

test("goes on after an interrupted first up, and names the robot account that it left", async () => {
    const name = uniqueName("interrupted");
    const program = `
import { ImageProject } from "harbor-build";
new ImageProject("shop", { name: "${name}", immutableTags: ["v*"], retainImages: false });
`;
    const stack = await TestStack.create(lab, program);
    assert.equal((await stack.up()).code, 0);
    // An interrupted run has created these, and its state lacks them.
    const lost = ["shop-immutable-tags", "shop-push"];
    const { deployment } = JSON.parse(await stack.state());
    for (const { urn } of deployment.resources as { urn: string }[]) {
        if (!lost.some((child) => urn.endsWith(`::${child}`))) continue;
        assert.equal((await stack.pulumi(["state", "delete", urn, "--yes"])).code, 0);
    }
    const up = await stack.up();
    assert.equal(up.code, 0, up.output);
    assert.deepEqual(changesOf(up), { "shop-immutable-tags": "create", "shop-push": "create" });
    assert.match(up.output, /immutable tag rule \S+ already existed with the same selectors/);
    assert.match(
        up.output,
        /"Pushes images and caches for stack \S+\/\S+", is also that of "robot\$\S+\+shop-push-\w+"/,
    );
    const destroyed = await stack.destroy();
    assert.equal(destroyed.code, 0, destroyed.output);
});
