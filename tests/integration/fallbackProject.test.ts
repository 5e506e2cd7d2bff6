import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { before } from "node:test";
import { recordBuilds, steps } from "../support/buildRecord";
import { readContents } from "../support/harborContents";
import { readManifest } from "../support/image";
import { type Lab, openLab, uniqueName } from "../support/lab";
import { needingSystemRights } from "../support/needs";
import { ask, basic } from "../support/registry";
import { newRunner } from "../support/runner";
import { TestStack } from "../support/stack";
import { writeFolder } from "../support/tinyProject";
import { printedIn, toolApp } from "../support/toolApp";

const files = writeFolder(toolApp);
const shop = uniqueName("shop");
const reviews = uniqueName("reviews");
const branch = uniqueName("branch");
const stranger = uniqueName("stranger");
let lab: Lab;

const program = (project: string, cache: string, { before = "", more = "" } = {}) => `
import { CachedImage, ImageProject } from "harbor-build";
import { Project, RobotAccount } from "harbor-build/harbor";

${before}
new CachedImage("app", {
    project: ${project}, context: "app", cache: { carryMounts: true, ${cache} }, ${more}
});
`;
const fallback = `fallbackProject: "${shop}", fallbackScopes: ["main"]`;

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

const test = needingSystemRights("system-level robot accounts");

let main: TestStack;

before(async () => {
    lab = openLab();
    const before = `
const images = new ImageProject("images", {
    name: "${shop}",
    reviews: { project: "${reviews}" },
    cache: { project: "${shop}" },
    retainImages: false,
});
export const { reviewCredentials } = images;
`;
    main = await TestStack.create(lab, program("images.project", "", { before }), {
        files,
        stack: "main",
    });
    const up = await main.up();
    assert.equal(up.code, 0, up.output);
    assert.doesNotMatch(up.output, /can pull the caches/);
});

test("starts a review stack from main's cache and cache mounts, with an account that cannot push there", async () => {
    const contents = await readContents(lab.admin, shop);
    const { reviewCredentials } = await main.outputs();
    // The output has the shape of RegistryCredentials.
    const account = reviewCredentials as { username: string; password: string };
    const more = `credentials: ${JSON.stringify(account)},`;
    const stack = await TestStack.create(
        lab,
        program(`{ name: "${reviews}", existing: true }`, fallback, { more }),
        { files, stack: "review-7" },
    );
    const { builds, output } = await upOnNewRunner(stack);
    const [build] = builds.map((record) => steps(record));
    assert.equal(build?.["COPY deps.txt /src/"], "cached");
    assert.equal(build?.["RUN cat /src/deps.txt > /deps"], "cached");
    assert.equal(build?.["COPY main.txt /src/"], "built");
    assert.deepEqual(printedIn(builds), ["compiles fast"]);
    assert.match(output, /the records of \S+app\/cache:main are added to \S+app\/cache:review-7/);
    const saves = (project: string, tag: string) =>
        readManifest(lab.admin, `${project}/app/cache`, tag);
    const [own, kept] = await Promise.all([
        saves(reviews, "review-7__0-mounts"),
        saves(shop, "main__0-mounts"),
    ]);
    assert.equal(kept.layers.length, 1);
    assert.deepEqual(own.layers, kept.layers);

    const pushes = ["app/manifests/latest", "app/cache/manifests/main"];
    const answers = pushes.map((path) => push(account, `${shop}/${path}`));
    assert.deepEqual(await Promise.all(answers), [401, 401]);
    assert.deepEqual(await readContents(lab.admin, shop), contents, "main's project is as it was");
});

test("gives the robot account of a component the right to pull main's cache", async () => {
    const stack = await TestStack.create(lab, program(`{ name: "${branch}" }`, fallback), {
        files,
        stack: "branch",
    });
    const { builds } = await upOnNewRunner(stack);
    assert.deepEqual(printedIn(builds), ["compiles fast"]);
});

test("builds without main's cache, and warns, with an account that may not pull it", async () => {
    const before = `
const project = new Project("own", { name: "${stranger}", forceDestroy: true });
const robot = new RobotAccount("ci", {
    level: "project",
    permissions: [{
        kind: "project",
        namespace: project.name,
        accesses: ["pull", "push"].map((action) => ({ resource: "repository", action })),
    }],
});
`;
    const more = "credentials: { username: robot.fullName, password: robot.secret },";
    const stack = await TestStack.create(
        lab,
        program(`{ name: "${stranger}", existing: true }`, fallback, { before, more }),
        { files, stack: "review" },
    );
    const { builds, output } = await upOnNewRunner(stack);
    assert.deepEqual(printedIn(builds), ["compiles all"]);
    assert.match(output, /warning: .*app\/cache:main is forbidden/);
    assert.match(output, /but the account may not pull from \S+\/app\/cache/);
});
