import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { before, test } from "node:test";
import { atEnd } from "../support/atEnd";
import { type Lab, openLab, uniqueName } from "../support/lab";
import { projectExists } from "../support/registry";
import { tinyFiles } from "../support/tinyProject";
import { UserProject } from "../support/userProject";

const name = uniqueName("own");
const args = `{ project: { name: "${name}" }, context: "tiny", retainImages: false }`;
const commented = `name: own # the user's own name
runtime: nodejs
# No description yet.
`;
const plugin = `plugins:
  providers:
    - name: harbor
      path: node_modules/harbor-build/dist/plugin
`;
const manifest = (more: object = {}) =>
    JSON.stringify({ name: "own", private: true, main: "index.ts", ...more });
let lab: Lab;
let project: UserProject;

before(async () => {
    lab = openLab();
    project = await UserProject.create({
        ...tinyFiles,
        "Pulumi.yaml": commented,
        "package.json": manifest(),
        "tsconfig.json": '{ "compilerOptions": { "strict": true, "module": "nodenext" } }',
        "index.ts": `import { CachedImage } from "harbor-build";
export const image = new CachedImage("tiny", ${args}).ref;
`,
    });
    await project.install("@pulumi/pulumi", "typescript", "ts-node");
    await project.succeed("pulumi", "stack", "init", "dev");
    atEnd(async () => {
        await project.succeed("pulumi", "destroy", "--yes", "--skip-preview", "--non-interactive");
        assert.equal(await projectExists(lab.admin, name), false);
    });
});

const doctor = (environment: NodeJS.ProcessEnv = {}) =>
    project.run(["npx", "harbor-build", "doctor"], environment);
const read = (file: string) => readFile(join(project.folder, file), "utf8");

test("doctor names the missing set-up before init", async () => {
    const { code, stdout } = await doctor();
    assert.equal(code, 1);
    assert.match(stdout, /^✖ Pulumi\.yaml: lacks the path of the Harbor provider/m);
    assert.match(stdout, /\n1 to fix\n$/);
});

test("init adds the provider and keeps the user's comments; a second run changes nothing", async () => {
    await project.succeed("npx", "harbor-build", "init");
    assert.equal(await read("Pulumi.yaml"), commented + plugin);
    assert.equal(await read(".gitignore"), ".harbor-build/\n");
    await project.succeed("npx", "harbor-build", "init", "--check");
    await project.succeed("npx", "harbor-build", "init");
    assert.equal(await read("Pulumi.yaml"), commented + plugin);
});

test("doctor finds everything that `pulumi up` needs", async () => {
    const { code, stdout } = await doctor();
    assert.equal(code, 0, stdout);
    const subjects = stdout.match(/(?<=^✔ )[^:]+(?=:)/gm);
    const harbor = lab.admin.url.startsWith("https:")
        ? ["Harbor", "login", "certificate"]
        : ["Harbor", "login"];
    assert.deepEqual(subjects, [
        ..."Node.js,pulumi,harbor-build,@pulumi/pulumi,typescript".split(","),
        ..."Pulumi.yaml,.gitignore,plugin docker-build,builder harbor-build".split(","),
        ...harbor,
    ]);
    assert.match(stdout, /\nnothing is missing\n$/);
});

test("doctor explains a wrong password, a wrong address and a missing address", async () => {
    const wrong = await doctor({ HARBOR_PASSWORD: "Wrong12345" });
    assert.equal(wrong.code, 1);
    assert.match(wrong.stdout, /^✖ Harbor: password: Harbor at \S+ refuses the login of "?\w+/m);
    assert.doesNotMatch(wrong.output, /Wrong12345/);
    const nowhere = await doctor({ HARBOR_URL: "http://127.0.0.1:1" });
    assert.match(
        nowhere.stdout,
        /^✖ Harbor: url: Harbor at http:\/\/127\.0\.0\.1:1 cannot be reached/m,
    );
    const missing = await doctor({ HARBOR_URL: "" });
    assert.match(missing.stdout, /^✖ harbor:url: Harbor's address is missing: `pulumi config set/m);
});

test("doctor checks another registry instead of Harbor", async () => {
    const { host } = new URL(lab.admin.url);
    const other = await project.run(["npx", "harbor-build", "doctor", `--registry=${host}`], {
        HARBOR_URL: "",
    });
    assert.equal(other.code, 0, other.stdout);
    assert.match(other.stdout, new RegExp(`^✔ registry: ${host} answers, with token logins$`, "m"));
    assert.doesNotMatch(other.stdout, /harbor:|Harbor:|login:/);
});

test("doctor reads Harbor's settings from the stack", async () => {
    const set = (...words: string[]) => project.succeed("pulumi", "config", "set", ...words);
    await set("harbor:url", lab.admin.url);
    await set("harbor:username", lab.admin.username);
    await set("--secret", "harbor:password", lab.admin.password);
    const { code, stdout } = await doctor({
        HARBOR_URL: "",
        HARBOR_USERNAME: "",
        HARBOR_PASSWORD: "",
    });
    assert.equal(code, 0, stdout);
    assert.doesNotMatch(stdout, new RegExp(lab.admin.password));
});

const up = ["pulumi", "up", "--yes", "--skip-preview", "--non-interactive"];

test("up builds the image from the installed package, with type checks", async () => {
    await project.succeed(...up);
    const host = new URL(lab.admin.url).host;
    const image = await project.succeed("pulumi", "stack", "output", "image");
    assert.match(image, new RegExp(`^${host}/${name}/tiny:latest@sha256:[0-9a-f]{64}\n$`));
});

test("doctor names the robot account of the stack, which never expires", async () => {
    const { code, stdout } = await doctor();
    assert.equal(code, 0, stdout);
    assert.match(stdout, new RegExp(`^ℹ robot accounts: \\S+${name}\\+\\S+ never expire\\.$`, "m"));
});

const preview = ["pulumi", "preview", "--expect-no-changes", "--non-interactive"];

test("the same program as an ES module in TypeScript changes nothing", async () => {
    await project.write({ "package.json": manifest({ type: "module" }) });
    await project.succeed(...preview);
});

test("the same program in plain JavaScript, with import and with require, changes nothing", async () => {
    await project.write({
        "package.json": manifest({ type: "module", main: "index.js" }),
        "index.js": `import { CachedImage } from "harbor-build";
export const image = new CachedImage("tiny", ${args}).ref;
`,
    });
    await project.succeed(...preview);
    await project.write({
        "package.json": manifest({ main: "index.js" }),
        "index.js": `const { CachedImage } = require("harbor-build");
exports.image = new CachedImage("tiny", ${args}).ref;
`,
    });
    await project.succeed(...preview);
});

const needsRoot = process.getuid?.() === 0 ? false : "mounting a folder takes root";

test("a read-only node_modules changes nothing", { skip: needsRoot }, async () => {
    const mount = "mount --bind node_modules node_modules && mount -o remount,bind,ro node_modules";
    const refused = "! touch node_modules/harbor-build/dist/new 2> /dev/null";
    const script = `${mount} && ${refused} && ${preview.join(" ")} && npx harbor-build init --check`;
    await project.succeed("unshare", "--mount", "sh", "-c", script);
});
