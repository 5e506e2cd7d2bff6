import assert from "node:assert/strict";
import { appendFileSync } from "node:fs";
import { join } from "node:path";
import { before, test } from "node:test";
import { manifestsIn, readContents } from "../support/harborContents";
import { type Lab, openLab, uniqueName } from "../support/lab";
import { askApi, type RegistryAccess } from "../support/registry";
import { changesOf, succeeded } from "../support/run";
import { type SecondHarbor, startSecondHarbor } from "../support/secondHarbor";
import { TestStack } from "../support/stack";
import { tinyFiles, writeFolder } from "../support/tinyProject";

const project = uniqueName("both");
const shop = `${project}-shop`;
let lab: Lab;
let second: SecondHarbor;
let stack: TestStack;

/** One image in both Harbors under the same name, and a project for many in the second alone. */
const program = `
import * as harbor from "@pulumi/harbor";
import { CachedImage, ImageProject } from "harbor-build";

const second = new harbor.Provider("second", {
    url: process.env["SECOND_URL"],
    username: process.env["SECOND_USERNAME"],
    password: process.env["SECOND_PASSWORD"],
});
const registry = process.env["SECOND_HOST"];
const there = { providers: { harbor: second } };
const image = { project: { name: ${JSON.stringify(project)} }, context: "tiny", image: "tiny", retainImages: false };

new CachedImage("here", image);
new CachedImage("there", { ...image, registry }, there);
const shop = new ImageProject("shop", { name: ${JSON.stringify(shop)}, registry, retainImages: false }, there);
const guest = new CachedImage("guest", { project: shop.project, context: "tiny", registry }, there);
export const ref = guest.ref;
`;

before(async () => {
    lab = openLab();
    second = await startSecondHarbor(lab);
    stack = await TestStack.create(lab, program, {
        files: writeFolder(tinyFiles),
        environment: {
            SECOND_URL: second.admin.url,
            SECOND_USERNAME: second.admin.username,
            SECOND_PASSWORD: second.admin.password,
            SECOND_HOST: second.host,
        },
    });
    succeeded(await stack.up());
});

async function robotsOf(admin: RegistryAccess, name: string): Promise<string[]> {
    const { json } = await askApi(admin, `/projects/${name}`);
    const { project_id: id } = json as { project_id: number };
    const robots = await askApi(admin, `/robots?q=Level%3Dproject%2CProjectID%3D${id}`);
    // Without the seven random digits.
    return (robots.json as { name: string }[]).map((robot) => robot.name.slice(0, -8)).sort();
}

test("gives each Harbor its own project, robot account and images", async () => {
    for (const [admin, robot] of [
        [lab.admin, "here-robot"],
        [second.admin, "there-robot"],
    ] as const) {
        const contents = await readContents(admin, project);
        assert.deepEqual(Object.keys(contents ?? {}).sort(), ["tiny", "tiny/cache"], admin.url);
        assert.deepEqual(await robotsOf(admin, project), [`robot$${project}+${robot}`]);
    }
});

test("declares a project for many images, and what is built into it, only in the Harbor of its provider", async () => {
    const contents = await readContents(second.admin, shop);
    assert.deepEqual(Object.keys(contents ?? {}).sort(), ["guest", "guest/cache"]);
    assert.equal(await readContents(lab.admin, shop), undefined);
    const { ref } = await stack.outputs();
    assert.match(String(ref), new RegExp(`^${second.host}/${shop}/guest:latest@sha256:`));
});

test("changes nothing in another up; builds a change for both", async () => {
    assert.deepEqual(changesOf(succeeded(await stack.up())), {});
    appendFileSync(join(stack.folder, "tiny/conf.txt"), "more\n");
    assert.deepEqual(changesOf(succeeded(await stack.up())), {
        "here-app": "update",
        "there-app": "update",
        "guest-app": "update",
    });
});

test("leaves one Harbor's resources when the other's are removed from the program", async () => {
    const before = manifestsIn(await readContents(second.admin, project));
    await stack.program(program.replace('new CachedImage("here", image);', ""));
    succeeded(await stack.up());
    assert.equal(await readContents(lab.admin, project), undefined);
    assert.deepEqual(manifestsIn(await readContents(second.admin, project)), before);
});
