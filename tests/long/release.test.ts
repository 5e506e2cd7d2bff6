import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { basename, join } from "node:path";
import { before, test } from "node:test";
import { promisify } from "node:util";
import manifest from "../../package.json";
import { atEnd } from "../support/atEnd";
import { root } from "../support/lab";
import { UserProject } from "../support/userProject";

const run = promisify(execFile);
const version = "9.8.7"; // one that nobody has installed
const products = join(root, ".harbor-build", "release");
let printed: string;

before(async () => {
    const args = [
        "--dry-run",
        `--version=${version}`,
        "--repository=https://github.com/example/hb",
    ];
    const program = join(root, "tools/commands/main.ts");
    const command = ["--import", "tsx", program, "release", ...args];
    printed = (await run(process.execPath, command, { cwd: root })).stdout;
});

/** A file of a packed package. */
const packed = async (tarball: string, file: string): Promise<string> =>
    (await run("tar", ["-xzOf", join(products, tarball), file])).stdout;

test("gives package, provider and SDK one version, and leaves the clone unchanged", () => {
    assert.match(printed, new RegExp(`^version ${manifest.version} → ${version}$`, "m"));
    for (const product of [
        "package",
        "provider's schema",
        "provider's plugin",
        "SDK @pulumi/harbor",
    ]) {
        assert.match(printed, new RegExp(`^${product}: ${version}$`, "m"));
    }
    assert.equal(require("../../sdks/harbor/package.json").version, manifest.version);
});

test("packs what a release publishes", async () => {
    assert.deepEqual(readdirSync(products).sort(), [
        `harbor-build-${version}.tgz`,
        `pulumi-harbor-${version}.tgz`,
        `pulumi-resource-harbor-v${version}-darwin-amd64.tar.gz`,
        `pulumi-resource-harbor-v${version}-darwin-arm64.tar.gz`,
        `pulumi-resource-harbor-v${version}-linux-amd64.tar.gz`,
        `pulumi-resource-harbor-v${version}-linux-arm64.tar.gz`,
    ]);
    const { repository, bugs, homepage } = JSON.parse(
        await packed(`harbor-build-${version}.tgz`, "package/package.json"),
    );
    assert.deepEqual(
        [repository.url, bugs, homepage],
        [
            "git+https://github.com/example/hb.git",
            "https://github.com/example/hb/issues",
            "https://github.com/example/hb#readme",
        ],
    );
    const sdk = JSON.parse(await packed(`pulumi-harbor-${version}.tgz`, "package/package.json"));
    assert.equal(sdk.pulumi.server, "github://api.github.com/example/hb");
    assert.match(
        await packed(`harbor-build-${version}.tgz`, "package/CHANGELOG.md"),
        new RegExp(`^# Changelog\n\n## ${version} \\(\\d{4}-\\d\\d-\\d\\d\\)\n\n### Added\n\n- `),
    );
});

/** Serves the archives, as a release does. */
async function serveProducts(): Promise<string> {
    const server = createServer((request, response) => {
        // Pulumi requires the length of a download.
        response.end(readFileSync(join(products, basename(request.url ?? ""))));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    atEnd(() => server.close());
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test("Pulumi downloads the plugin, and a project works without its path", async () => {
    const project = await UserProject.create({
        "package.json": '{ "name": "downloaded", "private": true, "main": "index.js" }',
        "Pulumi.yaml": "name: downloaded\nruntime: nodejs\n",
        "index.js": `const { Project } = require("harbor-build/harbor");
new Project("project", { name: "downloaded" });
`,
    });
    const sdk = `@pulumi/pulumi@${manifest.devDependencies["@pulumi/pulumi"]}`;
    const tarball = join(products, `harbor-build-${version}.tgz`);
    await project.succeed("npm", "install", "--ignore-scripts", "--prefer-offline", tarball, sdk);
    const plugin = ["resource", "harbor", version];
    await project.succeed(
        "pulumi",
        "plugin",
        "install",
        ...plugin,
        "--server",
        await serveProducts(),
    );
    atEnd(() => project.succeed("pulumi", "plugin", "rm", ...plugin, "--yes"));
    await project.succeed("pulumi", "stack", "init", "dev");
    const preview = await project.succeed("pulumi", "preview", "--non-interactive");
    assert.match(preview, /harbor:index:Project\s+project\s+create/);
});
