import assert from "node:assert/strict";
import { appendFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { readContents, taggedDigest } from "../support/harborContents";
import { openLab, uniqueName } from "../support/lab";
import { projectExists } from "../support/registry";
import { changesOf, succeeded } from "../support/run";
import { sharedStack } from "../support/sharedStack";
import { tinyFiles, writeFolder } from "../support/tinyProject";

const project = uniqueName("compose");
const second = uniqueName("second");
const files = {
    ...tinyFiles,
    // The component logs a hint for a tool without a cache mount.
    "side/Dockerfile": "FROM alpine:3.22 AS side\nRUN mvn --version || true\nCOPY text /text\n",
    "side/text": "beside it\n",
};

/** Two images below a team, one that is theirs alone, one in another Harbor's project. */
const program = `
import * as harbor from "@pulumi/harbor";
import * as pulumi from "@pulumi/pulumi";
import { CachedImage } from "harbor-build";

const project = ${JSON.stringify(project)};
const host = new URL(process.env["HARBOR_URL"] ?? "").host;

class Team extends pulumi.ComponentResource {
    readonly ref: pulumi.Output<string>;
    constructor(name: string) {
        super("test:index:Team", name);
        const opts = { parent: this };
        const main = new CachedImage(\`\${name}-main\`, { project: { name: project }, context: "tiny", image: "main", retainImages: false }, opts);
        const side = new CachedImage(
            \`\${name}-side\`,
            { project: { name: project, existing: true }, context: "side", image: "side" },
            { ...opts, dependsOn: main },
        );
        void pulumi.log.info("the side image is declared", side);
        this.ref = main.ref;
        this.registerOutputs({ ref: this.ref });
    }
}

const team = new Team("team");

// A digest-pinned reference feeds what deploys it.
const place = new harbor.Project("place", { name: \`\${project}-place\` });
const label = new harbor.Label("deployed", {
    name: "deployed",
    projectId: place.id,
    description: team.ref,
});

const other = new harbor.Provider("other", {
    url: process.env["HARBOR_URL"],
    username: process.env["HARBOR_USERNAME"],
    password: process.env["HARBOR_PASSWORD"],
});
new CachedImage(
    "elsewhere",
    { project: { name: ${JSON.stringify(second)} }, context: "side", registry: host, retainImages: false },
    {
        providers: { harbor: other },
        transforms: [
            ({ type, props, opts }) =>
                type === "docker-build:index:Image"
                    ? { props: { ...props, labels: { changed: "by a transform" } }, opts }
                    : undefined,
        ],
    },
);
export const ref = team.ref;
export const described = label.description;
`;

const lab = openLab();
const stack = sharedStack(lab, program, { files: writeFolder(files), up: true });

interface StateResource {
    readonly urn: string;
    readonly provider?: string;
    readonly inputs?: Readonly<Record<string, unknown>>;
}

async function find(name: string): Promise<StateResource> {
    const resources: StateResource[] = JSON.parse(await stack.state()).deployment.resources;
    const found = resources.find(({ urn }) => urn.endsWith(`::${name}`));
    assert.ok(found, `${name} is in the state`);
    return found;
}

const up = async () => succeeded(await stack.up());

test("finishes and logs everything when a component that waits for another logs a line", async () => {
    const { output } = await up();
    assert.match(output, /the side image is declared/);
    assert.match(output, /team-side +line 2: "mvn" starts without its cache/);
});

test("shares a project between several images, declared by one of them inside another component", async () => {
    const contents = await readContents(lab.admin, project);
    assert.deepEqual(Object.keys(contents ?? {}).sort(), [
        "main",
        "main/cache",
        "side",
        "side/cache",
    ]);
    const app = await find("team-main-app");
    assert.match(
        app.urn,
        /test:index:Team\$harbor-build:index:CachedImage\$docker-build:index:Image/,
    );
});

test("feeds a digest-pinned reference to another resource, and the digest is correct", async () => {
    const { ref, described } = await stack.outputs();
    const digest = taggedDigest(await readContents(lab.admin, project), "main", "latest");
    assert.equal(ref, `${new URL(lab.admin.url).host}/${project}/main:latest@${digest}`);
    assert.equal(described, ref);
});

test("declares project and robot account in the Harbor of an explicit provider", async () => {
    for (const name of ["elsewhere-project", "elsewhere-robot"]) {
        const { provider } = await find(name);
        assert.match(String(provider), /pulumi:providers:harbor::other::/);
    }
    assert.ok(await readContents(lab.admin, second));
});

test("applies a transform to the arguments of every child", async () => {
    const { inputs } = await find("elsewhere-app");
    assert.deepEqual(inputs?.["labels"], { changed: "by a transform" });
});

test("changes nothing in another up; the dependent resource sees a changed image", async () => {
    assert.deepEqual(changesOf(await up()), {});
    appendFileSync(join(stack.folder, "tiny/conf.txt"), "more\n");
    const run = await up();
    assert.deepEqual(changesOf(run), { "team-main-app": "update", deployed: "update" });
    const { ref, described } = await stack.outputs();
    assert.equal(described, ref);
});

test("a preview shows no other digest than the deployment, so up applies its plan", async () => {
    appendFileSync(join(stack.folder, "tiny/conf.txt"), "planned\n");
    const file = join(stack.folder, "plan.json");
    const preview = succeeded(await stack.preview("--diff", "--save-plan", file));
    assert.deepEqual(changesOf(preview), { "team-main-app": "update", deployed: "update" });
    assert.doesNotMatch(preview.output, /=> "[^"@]*\/main:latest"/);
    const run = succeeded(await stack.up("--plan", file));
    assert.deepEqual(changesOf(run), { "team-main-app": "update", deployed: "update" });
    const { ref, described } = await stack.outputs();
    assert.equal(described, ref);
});

test("protects the images with protect on the component", async () => {
    const guarded = program.replace(
        "{ ...opts, dependsOn: main },",
        "{ ...opts, dependsOn: main, protect: true },",
    );
    await stack.program(guarded);
    await up();
    const destroy = await stack.destroy();
    assert.notEqual(destroy.code, 0);
    assert.match(destroy.output, /team-side-app.*protect/s);
    assert.ok(await projectExists(lab.admin, project));
    await stack.program(program);
    await up();
});
