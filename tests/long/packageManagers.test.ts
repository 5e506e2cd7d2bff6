import assert from "node:assert/strict";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import manifest from "../../package.json";
import { openLab, uniqueName } from "../support/lab";
import { tinyFiles } from "../support/tinyProject";
import { UserProject } from "../support/userProject";

openLab();

const tarball = `./harbor-build-${manifest.version}.tgz`;
const others = [
    // A range, as the README's command adds: Yarn keeps an exact version next to docker-build's newer one.
    `@pulumi/pulumi@^${manifest.devDependencies["@pulumi/pulumi"]}`,
    "typescript@<7",
    "ts-node@10",
];

/** A package manager: how it adds packages, how it installs them without build scripts, its settings. */
interface Manager {
    readonly add: readonly string[];
    readonly installWithoutScripts: readonly string[];
    readonly files?: Readonly<Record<string, string>>;
    /** The package as its command line names it. @default the tarball */
    readonly own?: string;
    /** Words of an error about build scripts that nobody has decided about. @default no error */
    readonly undecided?: RegExp;
}

const npx = (program: string, ...more: string[]) => ["npx", "--yes", ...more, program];
const yarn = npx("yarn", "-p", "@yarnpkg/cli-dist@4");
const managers: Readonly<Record<string, Manager>> = {
    "npm 10": {
        add: [...npx("npm@10"), "install", "--no-audit", "--no-fund"],
        installWithoutScripts: [...npx("npm@10"), "ci", "--ignore-scripts"],
    },
    "pnpm 10": {
        add: [...npx("pnpm@10"), "add"],
        installWithoutScripts: [...npx("pnpm@10"), "install", "--ignore-scripts"],
    },
    "pnpm 12": {
        add: [...npx("pnpm@12"), "add"],
        installWithoutScripts: [...npx("pnpm@12"), "install", "--ignore-scripts"],
        undecided: /Ignored build scripts: @pulumi\/docker-build@[\d.]+, protobufjs@[\d.]+\n/,
    },
    "Yarn 1": {
        add: [...npx("yarn@1"), "add"],
        installWithoutScripts: [...npx("yarn@1"), "install", "--ignore-scripts"],
    },
    "Yarn 4": {
        add: [...yarn, "add"],
        installWithoutScripts: [...yarn, "install", "--mode=skip-build"],
        files: { ".yarnrc.yml": "nodeLinker: node-modules\n", "yarn.lock": "" },
        own: `harbor-build@file:${tarball}`,
    },
    "Bun 1": {
        add: [...npx("bun@1"), "add"],
        installWithoutScripts: [...npx("bun@1"), "install", "--ignore-scripts"],
    },
};

for (const [name, manager] of Object.entries(managers)) {
    test(`${name} installs a package that init, doctor and preview accept`, async () => {
        const { add, installWithoutScripts, files = {}, own = tarball, undecided } = manager;
        const project = await UserProject.create({
            ...tinyFiles,
            ...files,
            "package.json": '{ "name": "managed", "private": true, "main": "index.ts" }',
            "tsconfig.json": '{ "compilerOptions": { "strict": true, "skipLibCheck": true } }',
            "Pulumi.yaml": "name: managed\nruntime: nodejs\n",
            "index.ts": `import { CachedImage } from "harbor-build";
import { Label } from "harbor-build/harbor";
new CachedImage("tiny", { project: { name: "${uniqueName("managed")}" }, context: "tiny" });
new Label("label", { name: "${uniqueName("managed")}" });
`,
        });
        await project.pack();
        const added = await project.run([...add, own, ...others]);
        assert.equal(added.code, undecided === undefined ? 0 : 1, added.output);
        assert.match(added.output, undecided ?? /(?:)/);
        await project.succeed("npx", "harbor-build", "init");
        await rm(join(project.folder, "node_modules"), { recursive: true });
        await project.succeed(...installWithoutScripts);
        await project.succeed("pulumi", "stack", "init", "dev");
        const doctor = await project.run(["npx", "harbor-build", "doctor"]);
        assert.equal(doctor.code, 0, doctor.output);
        const preview = await project.succeed("pulumi", "preview", "--non-interactive");
        assert.match(preview, /docker-build:index:Image\s+tiny-app\s+create/);
        assert.match(preview, /harbor:index:Label\s+label\s+create/);
    });
}

test("Bun finds a registry on loopback that speaks plain HTTP", async () => {
    const project = await UserProject.create({
        "package.json": '{ "name": "managed", "private": true }',
        "ask.js": `
const { createServer } = require("node:http");
const { findDigest } = require("./node_modules/harbor-build/dist/registry/digest.js");
const server = createServer((request, response) => {
    response.statusCode = 404;
    response.end(JSON.stringify({ errors: [{ code: "MANIFEST_UNKNOWN", message: "none" }] }));
}).listen(0, "127.0.0.1", async () => {
    const reference = \`127.0.0.1:\${server.address().port}/shop/base:1\`;
    console.log(JSON.stringify(await findDigest(reference, () => undefined, {})));
    process.exit();
});
`,
    });
    await project.pack();
    await project.succeed(
        "npx",
        "--yes",
        "bun@1",
        "add",
        "--ignore-scripts",
        tarball,
        others[0] ?? "",
    );
    const answer = await project.succeed("npx", "--yes", "bun@1", "ask.js");
    assert.equal((JSON.parse(answer) as { status: string }).status, "missing", answer);
});
