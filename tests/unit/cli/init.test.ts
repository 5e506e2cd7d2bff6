import assert from "node:assert/strict";
import { mkdirSync, readFileSync, realpathSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { checkInit, init } from "../../../src/cli/init";
import { writeFolder } from "../../support/tinyProject";

const installed = { "node_modules/harbor-build/package.json": '{ "version": "1.2.3" }' };
const project = { "Pulumi.yaml": "name: shop\nruntime: nodejs\n", ...installed };
const plugin = "node_modules/harbor-build/dist/plugin";
const folderOf = (files: Record<string, string>) => realpathSync(writeFolder(files));
const read = (folder: string, name: string) => readFileSync(join(folder, name), "utf8");

function run(folder: string, env: NodeJS.ProcessEnv = {}): string {
    const lines: string[] = [];
    assert.equal(
        init(folder, env, (line) => lines.push(line)),
        0,
    );
    return lines.join("\n");
}

test("names the plugin, ignores generated files and prints the next steps", () => {
    const folder = folderOf(project);
    assert.equal(
        run(folder),
        `✔ Pulumi.yaml: added the path of the Harbor provider (${plugin})
✔ .gitignore: added the folder of generated files (.harbor-build/)

Next:
  pulumi config set harbor:url https://harbor.example.com
  pulumi config set harbor:username NAME
  pulumi config set harbor:password --secret
  npx harbor-build doctor
  pulumi up

Optional: cache: { carryMounts: true } keeps the content of cache mounts in the registry. With it, new runners built a changed Go program in 15 to 35 % of the time.`,
    );
    assert.equal(
        read(folder, "Pulumi.yaml"),
        `name: shop\nruntime: nodejs\nplugins:\n  providers:\n    - name: harbor\n      path: ${plugin}\n`,
    );
    assert.equal(read(folder, ".gitignore"), ".harbor-build/\n");
});

test("names the plugin in a Pulumi.json, once", () => {
    const json = '{\n    "name": "shop",\n    "runtime": { "name": "nodejs" }\n}\n';
    const folder = folderOf({ ...installed, "Pulumi.json": json });
    assert.match(run(folder), /^✔ Pulumi\.json: added the path of the Harbor provider/);
    const text = read(folder, "Pulumi.json");
    assert.deepEqual(JSON.parse(text), {
        name: "shop",
        runtime: { name: "nodejs" },
        plugins: { providers: [{ name: "harbor", path: plugin }] },
    });
    assert.match(text, /^\{\n {4}"name": "shop",\n/);
    assert.match(run(folder), /^✔ Pulumi\.json: has the path/);
    assert.equal(read(folder, "Pulumi.json"), text);
});

test("changes nothing when it runs twice, and reports that", () => {
    const folder = folderOf({ ...project, ".gitignore": "node_modules" });
    run(folder);
    const [yaml, ignore] = [read(folder, "Pulumi.yaml"), read(folder, ".gitignore")];
    assert.equal(ignore, "node_modules\n.harbor-build/\n");
    assert.equal(
        run(folder, { HARBOR_URL: "https://harbor.example.com" }),
        `✔ Pulumi.yaml: has the path of the Harbor provider (${plugin})
✔ .gitignore: has the folder of generated files (.harbor-build/)

Next:
  npx harbor-build doctor
  pulumi up

Optional: cache: { carryMounts: true } keeps the content of cache mounts in the registry. With it, new runners built a changed Go program in 15 to 35 % of the time.`,
    );
    assert.deepEqual([read(folder, "Pulumi.yaml"), read(folder, ".gitignore")], [yaml, ignore]);
});

test("does not ask for an address that a stack already has", () => {
    const folder = folderOf({
        ...project,
        "Pulumi.dev.yaml": "config:\n  harbor:url: https://h\n",
    });
    assert.match(run(folder), /Next:\n {2}npx harbor-build doctor\n {2}pulumi up\n\nOptional: /);
});

test("--check reports what is missing and changes nothing", () => {
    const folder = folderOf(project);
    const lines: string[] = [];
    assert.equal(
        checkInit(folder, (line) => lines.push(line)),
        1,
    );
    assert.deepEqual(lines, [
        `✖ Pulumi.yaml: lacks the path of the Harbor provider (${plugin}).\n  Fix: run \`npx harbor-build init\`.`,
        "ℹ .gitignore: lacks the folder of generated files (.harbor-build/).\n  Fix: run `npx harbor-build init`.",
    ]);
    assert.equal(read(folder, "Pulumi.yaml"), project["Pulumi.yaml"]);
    run(folder);
    assert.equal(
        checkInit(folder, () => undefined),
        0,
    );
});

test("names the package where a workspace keeps it, from a folder below the project", () => {
    const root = folderOf({
        ...installed,
        "infra/Pulumi.yaml": "name: shop\nruntime:\n  name: nodejs\n",
    });
    mkdirSync(join(root, "infra", "src"));
    run(join(root, "infra", "src"));
    assert.match(read(root, "infra/Pulumi.yaml"), /path: \.\.\/node_modules\/harbor-build\/dist/);
});

test("refuses a folder without a Pulumi project", () => {
    const folder = folderOf(installed);
    assert.throws(() => run(folder), {
        message: `Pulumi.yaml: no Pulumi project in ${folder} or in a folder above. Fix: run this command in a Pulumi project; \`pulumi new typescript\` creates one.`,
    });
});

test("refuses a project whose program does not run in Node.js", () => {
    const folder = folderOf({ ...project, "Pulumi.yaml": "name: shop\nruntime: python\n" });
    assert.throws(() => run(folder), {
        message:
            'Pulumi.yaml: runtime: "python" does not run this package. Expected "nodejs" or "bun", for a program in TypeScript or JavaScript. Fix: run this command in a project for Node.js; `pulumi new typescript` creates one.',
    });
});

test("refuses a project file that is not YAML", () => {
    const folder = folderOf({ ...project, "Pulumi.yaml": "name: [shop\n" });
    assert.throws(() => run(folder), /^CommandError: Pulumi\.yaml: .+ Fix: correct the file;/);
});

test("names the command of the project's package manager when the package is missing", () => {
    for (const [lockFile, command] of [
        ["package-lock.json", "npm install"],
        ["pnpm-lock.yaml", "pnpm add"],
        ["yarn.lock", "yarn add"],
        ["bun.lock", "bun add"],
        ["bun.lockb", "bun add"],
    ] as const) {
        const folder = folderOf({ "Pulumi.yaml": project["Pulumi.yaml"], [lockFile]: "" });
        assert.throws(() => run(folder), {
            message: `harbor-build: not installed for the program in ${folder}. Fix: run \`${command} harbor-build\` there, then this command again.`,
        });
    }
});

test("decides about build scripts where pnpm keeps its lock file, once", () => {
    const workspace = "# our packages\npackages:\n  - infra\nallowBuilds:\n  esbuild: true\n";
    const root = folderOf({
        ...installed,
        "pnpm-lock.yaml": "",
        "pnpm-workspace.yaml": workspace,
        "infra/Pulumi.yaml": project["Pulumi.yaml"],
    });
    const name = "../pnpm-workspace.yaml";
    const text = () => read(root, "pnpm-workspace.yaml");
    assert.ok(run(join(root, "infra")).includes(`✔ ${name}: added the build scripts`));
    const after = `${workspace}  "@pulumi/docker-build": false\n  protobufjs: false\n`;
    assert.equal(text(), after);
    assert.ok(run(join(root, "infra")).includes(`✔ ${name}: has the build scripts`));
    assert.equal(text(), after);
});

test("writes pnpm's file when there is none, and keeps a decision and a malformed file", () => {
    const results = ["", 'allowBuilds:\n  "@pulumi/docker-build": true\n', "[", "- a\n"].map(
        (text) => {
            const files: Record<string, string> =
                text === "" ? {} : { "pnpm-workspace.yaml": text };
            const folder = folderOf({ ...project, "pnpm-lock.yaml": "", ...files });
            run(folder);
            return read(folder, "pnpm-workspace.yaml");
        },
    );
    assert.deepEqual(results, [
        'allowBuilds:\n  "@pulumi/docker-build": false\n  protobufjs: false\n',
        'allowBuilds:\n  "@pulumi/docker-build": true\n  protobufjs: false\n',
        "[",
        "- a\n",
    ]);
});

test("prepares a project whose program runs in Bun", () => {
    const folder = folderOf({ ...installed, "Pulumi.yaml": "name: shop\nruntime: bun\n" });
    assert.match(run(folder), /^✔ Pulumi\.yaml: added the path of the Harbor provider/);
});

test("reports Yarn's Plug'n'Play, with the setting that works", () => {
    const folder = folderOf({
        "Pulumi.yaml": project["Pulumi.yaml"],
        "yarn.lock": "",
        ".pnp.cjs": "",
    });
    assert.throws(() => run(folder), {
        message:
            "harbor-build: Yarn's Plug'n'Play keeps packages in archives, where Pulumi finds neither its SDK nor the Harbor provider. Fix: set `nodeLinker: node-modules` in .yarnrc.yml, run `yarn install`, then this command again.",
    });
});
