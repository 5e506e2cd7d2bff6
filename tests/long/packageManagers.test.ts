import assert from "node:assert/strict";
import { test } from "node:test";
import manifest from "../../package.json";
import { openLab, uniqueName } from "../support/lab";
import { tinyFiles } from "../support/tinyProject";
import { UserProject } from "../support/userProject";

openLab();

test("pnpm installs a package that init, doctor and preview accept", async () => {
    const project = await UserProject.create({
        ...tinyFiles,
        "package.json": '{ "name": "managed", "private": true, "main": "index.js" }',
        "Pulumi.yaml": "name: managed\nruntime: nodejs\n",
        "index.js": `const { CachedImage } = require("harbor-build");
const { Label } = require("harbor-build/harbor");
new CachedImage("tiny", { project: { name: "${uniqueName("managed")}" }, context: "tiny" });
new Label("label", { name: "${uniqueName("managed")}" });
`,
    });
    const sdk = `@pulumi/pulumi@${manifest.devDependencies["@pulumi/pulumi"]}`;
    const add = ["npx", "--yes", "pnpm@10", "add", "--ignore-scripts"];
    await project.succeed(...add, await project.pack(), sdk);
    await project.succeed("npx", "harbor-build", "init");
    await project.succeed("pulumi", "stack", "init", "dev");
    const doctor = await project.run(["npx", "harbor-build", "doctor"]);
    assert.equal(doctor.code, 0, doctor.output);
    const preview = await project.succeed("pulumi", "preview", "--non-interactive");
    assert.match(preview, /docker-build:index:Image\s+tiny-app\s+create/);
    assert.match(preview, /harbor:index:Label\s+label\s+create/);
});

for (const command of ["yarn@1", "bun@1"]) {
    test(`${command} looks for the bundled SDK in the registry, and fails`, async () => {
        const own = { "package.json": '{ "name": "managed", "private": true }' };
        const project = await UserProject.create(own);
        const add = ["npx", "--yes", command, "add", "--ignore-scripts", await project.pack()];
        const { code, output } = await project.run(add);
        assert.notEqual(code, 0);
        assert.match(output, /@pulumi\/harbor/);
    });
}
