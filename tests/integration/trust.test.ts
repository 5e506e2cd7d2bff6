import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { prepareEngine } from "../../tools/commands/engine";
import { openWorkspace, type Workspace } from "../../tools/commands/workspace";
import { stopSandbox } from "../../tools/sandbox/sandbox";
import { openLab, uniqueName, workDir } from "../support/lab";
import { projectExists } from "../support/registry";
import { succeeded } from "../support/run";
import { sharedStack } from "../support/sharedStack";
import { TestStack } from "../support/stack";
import { tinyFiles, tinyProgram, writeFolder } from "../support/tinyProject";

const lab = openLab();
const { url, username, password, caFile = "" } = lab.admin;
const skip =
    caFile === "" && "this Harbor is served over http, or the machine trusts its authority";
/** No authority but the machine's. */
const untrusting = { SSL_CERT_FILE: "", SSL_CERT_DIR: "", NODE_EXTRA_CA_CERTS: "" };

describe("a program whose docker-build plugin does not trust Harbor", { skip }, () => {
    const project = uniqueName("trust");
    const stack = sharedStack(lab, tinyProgram(project), { files: writeFolder(tinyFiles) });
    let undo = () => {};

    async function refusal(environment: NodeJS.ProcessEnv): Promise<string> {
        undo = stack.setEnvironment({ ...untrusting, ...environment });
        const preview = await stack.preview();
        undo();
        assert.notEqual(preview.code, 0, preview.output);
        assert.doesNotMatch(preview.output, /^\s+at .*:\d+:\d+/m);
        assert.equal(await projectExists(lab.admin, project), false);
        return preview.output;
    }

    test("is refused in the preview when only NODE_EXTRA_CA_CERTS names the authority", async () => {
        assert.match(
            await refusal({ NODE_EXTRA_CA_CERTS: caFile }),
            /SSL_CERT_FILE: docker-build's plugin does not trust https:\S+: its certificate comes from an unknown certificate authority\. The plugin reads SSL_CERT_FILE/,
        );
    });

    test("is refused in the preview without certificate verification", async () => {
        assert.match(
            await refusal({ HARBOR_IGNORE_CERT: "yes" }),
            /harbor:insecure: docker-build's plugin does not trust https:\S+: .* BUILDKIT_NO_CLIENT_TOKEN=true/,
        );
    });

    test("is refused in the preview with several platforms, whose index the plugin pushes", async () => {
        const platforms = 'platforms: ["linux/amd64", "linux/arm64"],';
        await stack.program(tinyProgram(project, platforms));
        const builderFetches = { HARBOR_IGNORE_CERT: "yes", BUILDKIT_NO_CLIENT_TOKEN: "true" };
        const output = await refusal(builderFetches);
        await stack.program(tinyProgram(project));
        assert.match(output, /The plugin itself pushes the index of several platforms\. Fix: set/);
    });

    test("is deployed when the builder fetches the tokens", async () => {
        const builderFetches = { HARBOR_IGNORE_CERT: "yes", BUILDKIT_NO_CLIENT_TOKEN: "true" };
        undo = stack.setEnvironment({ ...untrusting, ...builderFetches });
        const up = succeeded(await stack.up());
        undo();
        assert.equal(up.operations["tiny-app"], "create");
    });
});

describe("npm start with a Harbor of a private authority", { skip }, () => {
    let workspace: Workspace;
    let folder: string;
    const project = uniqueName("given");

    before(async () => {
        folder = mkdtempSync(join(workDir, "given-"));
        workspace = await openWorkspace({}, folder);
    });
    after(async () => {
        await stopSandbox(workspace.sandboxDir);
        rmSync(folder, { recursive: true, force: true });
    });

    const buildkitPid = (): number =>
        JSON.parse(readFileSync(join(workspace.sandboxDir, "run", "buildkitd.json"), "utf8")).pid;

    /**
     * Deploys and destroys a stack as `npm start` and `npm run down` do; returns the warnings of
     * refresh.
     */
    async function bringUp(environment: NodeJS.ProcessEnv): Promise<{ warnings: number }> {
        const account = { HARBOR_USERNAME: username, HARBOR_PASSWORD: password };
        const given = { ...account, HARBOR_URL: `${url}/api/v2.0`, ...environment };
        const engine = await prepareEngine(workspace, {
            environment: { ...process.env, ...untrusting, ...given },
        });
        const own = { ...lab, environment: engine.environment as Record<string, string> };
        const stack = await TestStack.create(own, tinyProgram(project), {
            files: writeFolder(tinyFiles),
        });
        try {
            succeeded(await stack.up());
            const refresh = succeeded(await stack.refresh());
            return { warnings: refresh.output.match(/unable to verify image tags/g)?.length ?? 0 };
        } finally {
            succeeded(await stack.destroy());
            await stack.remove();
        }
    }

    test("works without verification; refresh then skips images", async () => {
        assert.notEqual((await bringUp({ HARBOR_IGNORE_CERT: "yes" })).warnings, 0);
    });

    test("works with its authority in SSL_CERT_FILE; BuildKit restarts to trust it", async () => {
        const before = buildkitPid();
        assert.equal((await bringUp({ SSL_CERT_FILE: caFile })).warnings, 0);
        assert.notEqual(buildkitPid(), before);
    });

    test("works with its authority in NODE_EXTRA_CA_CERTS; BuildKit does not restart, since nothing changed", async () => {
        const before = buildkitPid();
        assert.equal((await bringUp({ NODE_EXTRA_CA_CERTS: caFile })).warnings, 0);
        assert.equal(buildkitPid(), before);
    });
});
