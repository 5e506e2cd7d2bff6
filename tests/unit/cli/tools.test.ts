import assert from "node:assert/strict";
import { chmodSync, realpathSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { describeFinding } from "../../../src/cli/finding";
import { findProject } from "../../../src/cli/pulumiProject";
import { checkNode, checkPackages, checkPlugin, checkPulumi } from "../../../src/cli/tools";
import { writeFolder } from "../../support/tinyProject";

const json = (version: string) => JSON.stringify({ version, main: "index.js" });
const folderOf = (files: Record<string, string>) => realpathSync(writeFolder(files));
const project = (files: Record<string, string>) =>
    findProject(
        folderOf({
            "Pulumi.yaml": "name: shop\nruntime: nodejs\n",
            "node_modules/harbor-build/package.json": json("1.2.3"),
            "node_modules/@pulumi/docker-build/package.json": json("0.0.22"),
            ...files,
        }),
    );
const packagesOf = (files: Record<string, string>) =>
    checkPackages(project(files)).map(describeFinding);

/** An environment whose PATH has only a `pulumi` that runs a shell script. */
function withPulumi(script: string): NodeJS.ProcessEnv {
    const folder = folderOf({ pulumi: `#!/bin/sh\n${script}\n` });
    chmodSync(join(folder, "pulumi"), 0o755);
    return { PATH: folder };
}

test("accepts the versions that the package supports", async () => {
    assert.equal(describeFinding(checkNode({}, "22.0.0")), "✔ Node.js: 22.0.0");
    const pulumi = await checkPulumi("/", withPulumi("echo v3.245.0"));
    assert.equal(describeFinding(pulumi), "✔ pulumi: 3.245.0");
});

test("reports a Node.js that ignores the proxy", () => {
    const proxy = { HTTPS_PROXY: "http://proxy:3128" };
    assert.equal(
        describeFinding(checkNode(proxy, "22.20.0")),
        "ℹ Node.js: 22.20.0 ignores HTTPS_PROXY. Expected 22.21.0 or newer.\n  Fix: install a newer Node.js when Harbor is behind the proxy.",
    );
    assert.equal(describeFinding(checkNode(proxy, "24.5.0")), "✔ Node.js: 24.5.0");
});

test("reports a missing and an old command line", async () => {
    const fix = "  Fix: install a current Pulumi, https://www.pulumi.com/docs/install.";
    assert.equal(
        describeFinding(await checkPulumi("/", { PATH: "/nowhere" })),
        `✖ pulumi: not found in PATH.\n${fix}`,
    );
    assert.equal(
        describeFinding(await checkPulumi("/", withPulumi("echo v3.99.12"))),
        `✖ pulumi: 3.99.12 is too old. Expected 3.245.0 or newer.\n${fix}`,
    );
});

test("accepts one copy of Pulumi's SDK", () => {
    assert.deepEqual(packagesOf({ "node_modules/@pulumi/pulumi/package.json": json("3.270.0") }), [
        "✔ harbor-build: 1.2.3",
        "✔ @pulumi/pulumi: 3.270.0",
    ]);
});

test("reports a missing, an old and a second copy of Pulumi's SDK", () => {
    assert.deepEqual(packagesOf({ "pnpm-lock.yaml": "" }).slice(1), [
        "✖ @pulumi/pulumi: not installed.\n  Fix: run `pnpm add @pulumi/pulumi`.",
    ]);
    const old = { "node_modules/@pulumi/pulumi/package.json": json("3.100.0") };
    assert.deepEqual(packagesOf(old).slice(1), [
        "✖ @pulumi/pulumi: 3.100.0 is too old. Expected 3.245.0 or newer.\n  Fix: run `npm install @pulumi/pulumi@latest`.",
    ]);
    const second = "node_modules/harbor-build/node_modules/@pulumi/pulumi";
    const [, report] = packagesOf({
        "node_modules/@pulumi/pulumi/package.json": json("3.250.0"),
        [`${second}/package.json`]: json("3.270.0"),
    });
    assert.match(
        report ?? "",
        /^✖ @pulumi\/pulumi: two copies, 3\.250\.0 for the program and 3\.270\.0 in \/.+\/node_modules\/harbor-build\/node_modules\/@pulumi\/pulumi\. Expected one, .+\n {2}Fix: if package\.json names an exact version, give it a range \(`npm install @pulumi\/pulumi@\^3\.270\.0`\); else remove/,
    );
});

test("reports a missing compiler for a program in TypeScript", () => {
    const sdk = { "node_modules/@pulumi/pulumi/package.json": json("3.270.0") };
    const typescript = { "node_modules/typescript/package.json": json("5.9.3") };
    const [, , report] = packagesOf({ ...sdk, ...typescript, "tsconfig.json": "{}" });
    assert.equal(
        packagesOf({ ...sdk, "tsconfig.json": "{}" })[2]?.split("Fix: ")[1],
        'run `npm install "typescript@<7" ts-node`.',
    );
    assert.equal(
        report,
        "✖ ts-node: not installed. Pulumi then compiles with its built-in TypeScript 3.8, which cannot read current types.\n  Fix: run `npm install ts-node`.",
    );
});

test("checks the compiler where Pulumi loads it, with and without tsconfig.json", () => {
    const files = {
        "node_modules/@pulumi/pulumi/package.json": JSON.stringify({
            version: "3.270.0",
            peerDependencies: { typescript: ">= 3.8.3 < 7" },
        }),
        "node_modules/typescript/package.json": json("7.0.2"),
        "node_modules/ts-node/package.json": json("10.9.2"),
    };
    const isChecked = (more: Readonly<Record<string, string>>) =>
        packagesOf({ ...files, ...more }).some((line) => line.startsWith("✖ typescript"));
    const off = "runtime: { name: nodejs, options: { typescript: false } }";
    for (const name of ["index.ts", "index.js", "tsconfig.json"]) {
        assert.equal(isChecked({ [name]: "" }), true, name);
        for (const runtime of ["runtime: bun", off]) {
            assert.equal(isChecked({ [name]: "", "Pulumi.yaml": `${runtime}\n` }), false, runtime);
        }
    }
    const { "node_modules/@pulumi/pulumi/package.json": sdk } = files;
    const bare = { "node_modules/@pulumi/pulumi/package.json": sdk };
    assert.equal(packagesOf({ ...bare, "index.js": "" }).length, 2);
    assert.match(packagesOf({ ...bare, "index.ts": "" })[2] ?? "", /^✖ typescript, ts-node: not/);
});

test("compares the compiler's version with the range of Pulumi's SDK", () => {
    const report = (version: string, range?: string) => {
        const peerDependencies = range === undefined ? {} : { typescript: range };
        const sdk = JSON.stringify({ version: "3.270.0", peerDependencies });
        const [, , typescript] = packagesOf({
            "node_modules/@pulumi/pulumi/package.json": sdk,
            "node_modules/typescript/package.json": json(version),
            "node_modules/ts-node/package.json": json("10.9.2"),
            "tsconfig.json": "{}",
        });
        return typescript;
    };
    const range = ">= 3.8.3 < 7";
    assert.equal(report("6.0.3", range), "✔ typescript: 6.0.3");
    assert.equal(
        report("7.0.2", range),
        '✖ typescript: 7.0.2 does not work with @pulumi/pulumi 3.270.0: every run fails. Expected >= 3.8.3 < 7.\n  Fix: run `npm install "typescript@<7"`.',
    );
    assert.match(report("3.8.2", range) ?? "", /^✖ typescript: 3\.8\.2 does not work/);
    // Of another form, or without a range: not judged.
    for (const other of ["^6.0.0 || ^7.0.0", "*", undefined]) {
        assert.equal(report("7.0.2", other), "✔ typescript: 7.0.2");
    }
});

test("reports whether Pulumi has docker-build's plugin", async () => {
    const given = project({});
    const own = join(given.folder, "node_modules/harbor-build");
    const check = async (plugins: string) =>
        describeFinding(await checkPlugin(given, own, withPulumi(`echo '${plugins}'`)));
    assert.equal(
        await check('[{"name":"docker-build","version":"0.0.22"}]'),
        "✔ plugin docker-build: 0.0.22",
    );
    assert.equal(
        await check('[{"name":"docker-build","version":"0.0.7"}]'),
        "ℹ plugin docker-build: 0.0.22 is not installed. Pulumi downloads it with the next `pulumi up`.\n  Fix: without access to the download, run `pulumi plugin install resource docker-build 0.0.22 --file ARCHIVE`.",
    );
    assert.equal(
        await check("warning: no JSON"),
        "ℹ plugin docker-build: not checked, because `pulumi plugin ls --json` printed no JSON.\n  Fix: run `pulumi plugin ls --json`; a wrapper of Pulumi may print other text.",
    );
    assert.match(await check("[null]"), /0\.0\.22 is not installed/);
});
