import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { before } from "node:test";
import { type BuildRecord, recordBuilds, steps } from "../support/buildRecord";
import { readContents } from "../support/harborContents";
import { readManifest } from "../support/image";
import { type Lab, openLab, uniqueName } from "../support/lab";
import { needingSystemRights } from "../support/needs";
import { ask, basic } from "../support/registry";
import { newRunner } from "../support/runner";
import { TestStack } from "../support/stack";
import { writeFolder } from "../support/tinyProject";

const mount = "/root/.cache/tool";
/** A stand-in for a compiler: fast when its cache has the output of an earlier run. */
const compile =
    `if [ -f ${mount}/objects ]; then echo "compiles fast"; ` +
    `else echo "compiles all"; head -c 200000 /dev/urandom > ${mount}/objects; fi; cp /src/main.txt /out`;
const dockerfile = [
    "FROM alpine:3.22 AS build",
    "COPY deps.txt /src/",
    "RUN cat /src/deps.txt > /deps",
    "COPY main.txt /src/",
    `RUN --mount=type=cache,target=${mount} ${compile}`,
    "FROM alpine:3.22",
    "COPY conf.txt /etc/",
    "COPY --from=build /out /out",
    "",
].join("\n");
const files = writeFolder({
    "app/Dockerfile": dockerfile,
    "app/deps.txt": "deps\n",
    "app/main.txt": "main\n",
    "app/conf.txt": "conf\n",
});
const shop = uniqueName("shop");
const reviews = uniqueName("reviews");
const stranger = uniqueName("stranger");
let lab: Lab;

const program = (project: string, cache: string, more = "") => `
import { CachedImage } from "harbor-build";
import { Project, RobotAccount } from "harbor-build/harbor";

${more}
new CachedImage("app", {
    project: ${project}, context: "app", cache: { carryMounts: true, ${cache} }, ${more && "credentials,"}
});
`;

/** The account that the stack's component made. */
async function robotOf(stack: TestStack) {
    const { stdout } = await stack.pulumi(["stack", "export", "--show-secrets"]);
    const { deployment } = JSON.parse(stdout);
    const { outputs } = deployment.resources.find(({ type }: { type: string }) =>
        type.includes(":RobotAccount"),
    );
    return { username: outputs.fullName, password: JSON.parse(outputs.secret.plaintext) };
}

/** The status of a manifest that an account pushes. */
async function push(account: Parameters<typeof basic>[0], path: string): Promise<number> {
    const repository = path.slice(0, path.lastIndexOf("/manifests/"));
    const { url } = lab.admin;
    const scope = encodeURIComponent(`repository:${repository}:pull,push`);
    const login = { headers: { authorization: basic(account) } };
    const service = `${url}/service/token?service=harbor-registry&scope=${scope}`;
    const { token } = JSON.parse((await ask(lab.admin, service, login)).body.toString());
    const type = "application/vnd.oci.image.manifest.v1+json";
    const headers = { authorization: `Bearer ${token}`, "content-type": type };
    const answer = await ask(lab.admin, `${url}/v2/${path}`, {
        method: "PUT",
        headers,
        body: "{}",
    });
    return answer.status;
}

/** An up on a new runner after a change of the source. */
async function upOnNewRunner(stack: TestStack) {
    await writeFile(join(stack.folder, "app/main.txt"), `main, changed in ${stack.folder}\n`);
    await newRunner(lab);
    const { result, builds } = await recordBuilds(lab, () => stack.up());
    assert.equal(result.code, 0, result.output);
    return { ...result, builds };
}

const printed = (builds: readonly BuildRecord[]) =>
    builds.flatMap(({ output }) => output.match(/compiles \w+/g) ?? []);

const test = needingSystemRights("system-level robot accounts");

before(async () => {
    lab = openLab();
    const main = await TestStack.create(lab, program(`{ name: "${shop}" }`, ""), {
        files,
        stack: "main",
    });
    const up = await main.up();
    assert.equal(up.code, 0, up.output);
});

test("starts a stack of another project from main's cache and cache mounts, with an account that cannot push there", async () => {
    const contents = await readContents(lab.admin, shop);
    const cache = `fallbackProject: "${shop}", fallbackScopes: ["main"]`;
    const stack = await TestStack.create(lab, program(`{ name: "${reviews}" }`, cache), {
        files,
        stack: "review",
    });
    const { builds, output } = await upOnNewRunner(stack);
    const [build] = builds.map((record) => steps(record));
    assert.equal(build?.["COPY deps.txt /src/"], "cached");
    assert.equal(build?.["RUN cat /src/deps.txt > /deps"], "cached");
    assert.equal(build?.["COPY main.txt /src/"], "built");
    assert.deepEqual(printed(builds), ["compiles fast"]);
    assert.match(output, /the records of \S+app\/cache:main are added to \S+app\/cache:review/);
    const saves = (project: string, tag: string) =>
        readManifest(lab.admin, `${project}/app/cache`, tag);
    const [own, kept] = await Promise.all([
        saves(reviews, "review__0-mounts"),
        saves(shop, "main__0-mounts"),
    ]);
    assert.equal(kept.layers.length, 1);
    assert.deepEqual(own.layers, kept.layers);
    assert.deepEqual(await readContents(lab.admin, shop), contents, "main's project is as it was");

    const robot = await robotOf(stack);
    const pushes = ["app/manifests/latest", "app/cache/manifests/main"];
    const answers = pushes.map((path) => push(robot, `${shop}/${path}`));
    assert.deepEqual(await Promise.all(answers), [401, 401]);
    assert.deepEqual(await readContents(lab.admin, shop), contents, "main's project is as it was");
});

test("builds without main's cache, and warns, with an account that may not pull it", async () => {
    const account = `
const project = new Project("own", { name: "${stranger}", forceDestroy: true });
const robot = new RobotAccount("ci", {
    level: "project",
    permissions: [{
        kind: "project",
        namespace: project.name,
        accesses: ["pull", "push"].map((action) => ({ resource: "repository", action })),
    }],
});
const credentials = { username: robot.fullName, password: robot.secret };
`;
    const cache = `fallbackProject: "${shop}", fallbackScopes: ["main"]`;
    const stack = await TestStack.create(
        lab,
        program(`{ name: "${stranger}", existing: true }`, cache, account),
        { files, stack: "review" },
    );
    const { builds, output } = await upOnNewRunner(stack);
    assert.deepEqual(printed(builds), ["compiles all"]);
    assert.match(output, /warning: .*app\/cache:main is forbidden/);
    assert.match(output, /but the account may not pull from \S+\/app\/cache/);
});
