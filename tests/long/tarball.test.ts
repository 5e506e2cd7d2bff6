import assert from "node:assert/strict";
import { before, test } from "node:test";
import manifest from "../../package.json";
import { UserProject } from "../support/userProject";

let project: UserProject;

/** A user's project with only the tarball and the packages that README names. */
before(async () => {
    const own = JSON.stringify({ name: "user", private: true });
    project = await UserProject.create({ "package.json": own });
    await project.install("@pulumi/pulumi", "typescript");
});

/** What a program prints, as a script or as an ES module, in the user's folder. */
const evaluate = (script: string, type: "commonjs" | "module"): Promise<string> =>
    project.succeed(process.execPath, `--input-type=${type}`, "-e", script);

test("loads with require", async () => {
    const script = `
const { CachedImage } = require("harbor-build");
const { Project, getProject } = require("harbor-build/harbor");
console.log(CachedImage.name, Project.name, getProject.name);`;
    assert.equal(await evaluate(script, "commonjs"), "CachedImage Project getProject\n");
});

test("loads with import", async () => {
    const script = `
import { CachedImage } from "harbor-build";
import { Project, getProject } from "harbor-build/harbor";
import { imageMocks } from "harbor-build/testing";
console.log(CachedImage.name, Project.name, getProject.name, imageMocks.name);`;
    assert.equal(await evaluate(script, "module"), "CachedImage Project getProject imageMocks\n");
});

test("compiles a program against the types of the package and of its dependencies", async () => {
    const program = `
import { CachedImage, type CachedImageArgs } from "harbor-build";
import * as harbor from "harbor-build/harbor";
const scanning: harbor.ProjectArgs = { name: "shop", vulnerabilityScanning: true };
export const projectId: unknown = new harbor.Project("shop", scanning).projectId;
const args: CachedImageArgs = { project: { name: "shop" }, context: "./fm" };
export const ref = new CachedImage("fm", args).ref;
// @ts-expect-error: a project has a name
new CachedImage("fm", { project: {}, context: "./fm" });
`;
    const compilerOptions = {
        strict: true,
        noEmit: true,
        module: "nodenext",
        target: "es2022",
        types: ["node"],
    };
    const settings = { compilerOptions, files: ["index.ts"] };
    await project.write({ "index.ts": program, "tsconfig.json": JSON.stringify(settings) });
    await project.succeed("npx", "tsc");
    await project.succeed("npx", "--yes", "-p", "typescript@6.0.3", "tsc");
});

/** Runs a program with another version of Node.js. */
const withNode = (version: number, ...args: string[]) =>
    project.run(["npx", "--yes", "-p", `node@${version}`, "node", ...args]);
const cli = "node_modules/harbor-build/dist/cli/harbor-build";

test("works with the oldest supported Node.js", async () => {
    const script =
        'console.log(process.versions.node.split(".")[0], require("harbor-build").CachedImage.name)';
    assert.equal((await withNode(22, "-e", script)).stdout, "22 CachedImage\n");
    assert.equal((await withNode(22, cli, "--help")).code, 0);
    assert.equal((await withNode(22, `./${plugin}`, "--version")).stdout, `${manifest.version}\n`);
});

test("tells users of an older Node.js what to install", async () => {
    const { code, output } = await withNode(18, cli, "init");
    assert.equal(code, 1);
    assert.match(
        output,
        /^Node\.js: 18\.\d+\.\d+ is too old\. Expected 22\.0\.0 or newer\. Fix: install a newer Node\.js, https:\/\/nodejs\.org\/en\/download\.\n$/,
    );
});

/** A program of the provider's resources. */
const resources = `
import * as harbor from "harbor-build/harbor";
const project = new harbor.Project("project", { name: "tarball", public: false, storageQuota: 10 });
new harbor.RobotAccount("robot", {
    name: "ci",
    level: "project",
    permissions: [{
        kind: "project",
        namespace: project.name,
        accesses: [{ action: "pull", resource: "repository" }],
    }],
});
export const projectId: unknown = project.projectId;
`;

test("previews a program of the provider's resources, with type checks", async () => {
    await project.write({ "Pulumi.yaml": "name: user\nruntime: nodejs\nmain: index.ts\n" });
    await project.write({ "index.ts": resources });
    await project.succeed("npx", "harbor-build", "init");
    await project.succeed("pulumi", "stack", "init", "dev");
    const preview = await project.succeed("pulumi", "preview", "--non-interactive");
    assert.match(preview, /harbor:index:Project\s+project\s+create/);
    assert.match(preview, /harbor:index:RobotAccount\s+robot\s+create/);
});

test("accepts the plugin in `pulumi package add`, which generates the user's own copy of the SDK", async (context) => {
    const schema = await project.succeed("pulumi", "package", "get-schema", `./${plugin}`);
    const { name, version } = JSON.parse(schema) as { name: string; version: string }; // a schema
    assert.deepEqual([name, version], ["harbor", manifest.version]);
    const added = await project.run([
        "pulumi",
        "package",
        "add",
        `./${plugin}`,
        "--non-interactive",
    ]);
    // The language host generates the SDK, and the toolchain's own host does not implement that.
    if (/does not implement the method generatePackage/i.test(added.output)) {
        context.skip("this Pulumi's language host generates no SDKs; a released Pulumi does");
        return;
    }
    assert.equal(added.code, 0, added.output);
    const own = await evaluate('console.log(require.resolve("@pulumi/harbor"))', "commonjs");
    assert.match(own, /[/\\]sdks[/\\]harbor[/\\]/);
});

const plugin = "node_modules/harbor-build/dist/plugin/pulumi-resource-harbor";

test("ships the plugin in the version of the package", async () => {
    assert.equal(await project.succeed(`./${plugin}`, "--version"), `${manifest.version}\n`);
});
