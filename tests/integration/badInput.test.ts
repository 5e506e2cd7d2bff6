import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, test } from "node:test";
import { openLab, uniqueName } from "../support/lab";
import { isOverHttps, needingSystemRights } from "../support/needs";
import { askApi, createProject } from "../support/registry";
import { sharedStack } from "../support/sharedStack";
import type { Run } from "../support/stack";
import { tinyFiles, tinyProgram, writeFolder } from "../support/tinyProject";

const project = uniqueName("bad");
let undo = () => {};

const lab = openLab();
const stack = sharedStack(lab, tinyProgram(project), { files: writeFolder(tinyFiles) });

afterEach(() => {
    undo();
    undo = () => {};
});

function refused(run: Run, message: RegExp): void {
    assert.notEqual(run.code, 0, run.output);
    assert.match(run.output, message);
    // No stack for a user's mistake.
    assert.doesNotMatch(run.output, /^\s+at .*:\d+:\d+/m);
}

test("reports a wrong password in the preview", async () => {
    undo = stack.setEnvironment({ HARBOR_PASSWORD: "Wrong-passw0rd" });
    const { username } = lab.admin;
    refused(
        await stack.preview(),
        new RegExp(`password: .*refuses the login of user "${username}"`),
    );
});

test("reports an unreachable Harbor in the preview", async () => {
    undo = stack.setEnvironment({ HARBOR_URL: "https://127.0.0.1:1" });
    refused(await stack.preview(), /url: Harbor at https:\/\/127\.0\.0\.1:1 cannot be reached/);
});

test("reports http instead of https in the preview", async (context) => {
    if (!isOverHttps(lab)) {
        context.skip("this Harbor is served over http");
        return;
    }
    undo = stack.setEnvironment({ HARBOR_URL: lab.admin.url.replace("https:", "http:") });
    refused(await stack.preview(), /url: .*(https|TLS)/);
});

test("reports an unknown authority in the preview, with what to do", async (context) => {
    if (!isOverHttps(lab) || lab.admin.caFile === undefined) {
        context.skip("this Harbor's certificate is trusted by the system, or there is none");
        return;
    }
    undo = stack.setEnvironment({ NODE_EXTRA_CA_CERTS: "", SSL_CERT_FILE: "" });
    refused(await stack.preview(), /is not trusted: .*Fix: set SSL_CERT_FILE to a PEM file/);
});

test("rejects an existing project in the preview, with the id for an import", async () => {
    await createProject(lab.admin, project);
    const { json } = await askApi(lab.admin, `/projects/${project}`);
    // Shape of Harbor's own answer.
    const { project_id: id } = json as { project_id: number };
    const preview = await stack.preview();
    await askApi(lab.admin, `/projects/${id}`, { method: "DELETE" });
    refused(
        preview,
        new RegExp(
            `name: project "${project}" already exists \\(/projects/${id}, created \\S+Z, repositories: 0\\)\\. To manage`,
        ),
    );
});

test("reports every invalid argument in one preview", async () => {
    const file = join(stack.folder, "index.ts");
    writeFileSync(
        file,
        tinyProgram("Shop", 'tags: ["a b"], target: "biuld", platforms: ["linux/amd46"],'),
    );
    const preview = await stack.preview();
    await stack.program(tinyProgram(project));
    refused(preview, /CachedImage "tiny": 4 arguments are invalid\./);
    for (const line of [
        /project\.name: "Shop" cannot be used/,
        /tags\[0\]: "a b" cannot be used/,
        /target: no stage named "biuld" in tiny\/Dockerfile; .*did you mean "build"\?/,
        /platforms\[0\]: "linux\/amd46" is not a platform .*did you mean "linux\/amd64"\?/,
    ]) {
        assert.match(preview.output, line);
    }
});

test("reports a missing builder, and continues in the next up", async () => {
    undo = stack.setEnvironment({ DOCKER_CONFIG: writeFolder({}) });
    const up = await stack.up();
    refused(
        up,
        /no builder answers, and docker-build found no Docker to start its own builder; not retried\..*docker buildx create --use/,
    );
    // The hook does not wait: no builder is set up that could answer.
    assert.doesNotMatch(up.output, /building again/);
    assert.equal(up.operations["tiny-project"], "create");
});

needingSystemRights("storage quotas")(
    "reports a full quota with Harbor's figures and what to do, and continues in the next up",
    async () => {
        const { json } = await askApi(lab.admin, `/projects/${project}`);
        const { project_id: id } = json as { project_id: number };
        const found = await askApi(lab.admin, `/quotas?reference=project&reference_id=${id}`);
        const [quota] = found.json as [{ id: number }];
        const limit = (storage: number) =>
            askApi(lab.admin, `/quotas/${quota.id}`, {
                method: "PUT",
                body: { hard: { storage } },
            });
        assert.equal((await limit(1024)).status, 200);
        const up = await stack.up();
        assert.equal((await limit(-1)).status, 200);
        refused(up, /will exceed the configured upper limit of 1\.0 KiB/);
        assert.match(up.output, /storageQuota/);
        const next = await stack.up();
        assert.equal(next.code, 0, next.output);
        assert.equal(next.operations["tiny-project"], "same");
        assert.equal(next.operations["tiny-app"], "create");
    },
);
