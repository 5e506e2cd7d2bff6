import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { appendFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { before, test } from "node:test";
import { type Account, readRepository, tryToChange, tryToUpload } from "../support/attacks";
import { recordBuilds, steps } from "../support/buildRecord";
import { readContents } from "../support/harborContents";
import { unpackImage } from "../support/image";
import { openLab, uniqueName } from "../support/lab";
import { succeeded } from "../support/run";
import { newRunner } from "../support/runner";
import { TestStack } from "../support/stack";
import { writeFolder } from "../support/tinyProject";

const lab = openLab();
const { host } = new URL(lab.admin.url);
const images = uniqueName("attack");
const reviews = uniqueName("attack-review");

/** The projects and the accounts: main pushes to the first, a review only to the second. */
const projects = `
import { ImageProject } from "harbor-build";

const images = new ImageProject("images", {
    name: "${images}",
    reviews: { project: "${reviews}" },
    cache: { project: "${images}" },
    retainImages: false,
});
export const { readCredentials, pushCredentials, reviewCredentials } = images;
`;

/** The mount's id decides which builds share it, and is no part of the step's cache key. */
const run = (script: string) => `RUN --mount=type=cache,id=${images},target=/store ${script}\n`;
const marker = `${images}-page`;
const files = {
    "app/Dockerfile":
        "FROM alpine:3.22 AS build\nCOPY source.txt /\n" +
        run("{ cat /source.txt; cat /store/payload || echo main; } > /out") +
        "FROM scratch\nCOPY --from=build /out /out\nCOPY page.txt /\n",
    "app/source.txt": `${images}\n`,
    "app/page.txt": `${marker}\n`,
    "poison/Dockerfile": `FROM alpine:3.22\n${run("echo attacker > /store/payload")}`,
};

const program = (image: { project: string; tag: string; cache: object; more?: string }) => `
import * as pulumi from "@pulumi/pulumi";
import { CachedImage } from "harbor-build";

const common = {
    project: { name: "${image.project}", existing: true },
    credentials: {
        username: process.env["REGISTRY_USERNAME"] ?? "",
        password: pulumi.secret(process.env["REGISTRY_PASSWORD"] ?? ""),
    },
    tags: ["${image.tag}"],
};
const dependsOn: pulumi.Resource[] = [];
${image.more ?? ""}
new CachedImage("web", { ...common, context: "app", cache: ${JSON.stringify(image.cache)} }, { dependsOn });
`;

/** What a reviewed program may do: it fills the mount first, and writes under the name of main's cache. */
const attack = program({
    project: reviews,
    tag: "review-7",
    cache: { scope: "main" },
    more: 'dependsOn.push(new CachedImage("poison", { ...common, context: "poison", cache: { write: false } }));',
});

let main: TestStack;
let review: TestStack;
let accounts: Record<"read" | "push" | "review", Account>;

before(async () => {
    const harbor = await TestStack.create(lab, projects);
    succeeded(await harbor.up());
    const outputs = (await harbor.outputs()) as Record<string, Account>;
    const account = (output: string) => outputs[output] ?? { username: "", password: "" };
    accounts = {
        read: account("readCredentials"),
        push: account("pushCredentials"),
        review: account("reviewCredentials"),
    };
    const stackOf = (stack: string, text: string, { username, password }: Account) =>
        TestStack.create(lab, text, {
            stack,
            files: writeFolder(files),
            environment: {
                HARBOR_USERNAME: "",
                HARBOR_PASSWORD: "",
                REGISTRY_USERNAME: username,
                REGISTRY_PASSWORD: password,
            },
        });
    const ofMain = program({ project: images, tag: "latest", cache: {} });
    main = await stackOf("main", ofMain, accounts.push);
    review = await stackOf("review-7", attack, accounts.review);
    await newRunner(lab);
    succeeded(await main.up());
});

/** The file that the builder stage of an image has made. */
async function outOf(repository: string, tag: string): Promise<string> {
    const folder = await unpackImage(lab.admin, repository, tag);
    const text = readFileSync(join(folder, "out"), "utf8");
    await rm(folder, { recursive: true });
    return text;
}

test("Harbor refuses every change of main's tags and caches to the accounts of pull requests and reviews", async () => {
    const before = await readContents(lab.admin, images);
    const nobody = { username: "", password: "" };
    for (const account of [nobody, accounts.read, accounts.review]) {
        for (const [repository, tag] of [
            ["web", "latest"],
            ["web/cache", "main"],
        ] as const) {
            const target = { project: images, repository, tag };
            const statuses = await tryToChange(lab.admin, account, target, `${images}/web:latest`);
            const allowed = Object.entries(statuses).filter(
                ([, status]) => status !== 401 && status !== 403,
            );
            assert.deepEqual(allowed, [], `${account.username} in ${repository}`);
        }
    }
    assert.deepEqual(await readContents(lab.admin, images), before);
    // Main's own account may push: the requests are right.
    assert.equal(await tryToUpload(lab.admin, accounts.push, `${images}/web`), 202);
    assert.equal(await tryToUpload(lab.admin, accounts.review, `${reviews}/web`), 202);
});

test("the registry has no secret of main for the accounts of pull requests and reviews", async () => {
    const secrets = [accounts.push.password, lab.admin.password, "only for this test"];
    for (const account of [accounts.read, accounts.review]) {
        for (const repository of ["web", "web/cache"]) {
            const text = await readRepository(lab.admin, account, `${images}/${repository}`);
            assert.equal(text.includes(marker), true, "the search reads the layers");
            assert.deepEqual(
                secrets.filter((secret) => text.includes(secret)),
                [],
            );
        }
    }
});

test("main's next build on a new builder has main's file after a review has poisoned its own cache", async () => {
    assert.equal(await outOf(`${images}/web`, "latest"), `${images}\nmain\n`);
    const before = await readContents(lab.admin, images);
    await newRunner(lab);
    // Without main's cache, the step runs and reads the attacker's mount.
    succeeded(await review.up());
    assert.equal(await outOf(`${reviews}/web`, "review-7"), `${images}\nattacker\n`);
    assert.deepEqual(await readContents(lab.admin, images), before);

    await newRunner(lab);
    await appendFile(join(main.folder, "app", "page.txt"), "2\n");
    const { result, builds } = await recordBuilds(lab, () => main.up());
    succeeded(result);
    const ran = builds.flatMap((build) =>
        Object.entries(steps(build)).filter(([name]) => name.includes("/store")),
    );
    assert.equal(ran.length > 0, true);
    assert.deepEqual(
        ran.filter(([, state]) => state !== "cached"),
        [],
        "main's step comes from a cache",
    );
    assert.equal(await outOf(`${images}/web`, "latest"), `${images}\nmain\n`);

    // The poison works: a build that reads the review's cache gets the attacker's file.
    await newRunner(lab);
    const sources = [`${host}/${reviews}/web/cache:main`];
    const reader = program({
        project: reviews,
        tag: "control",
        cache: { scope: "control", sources },
    });
    await review.program(reader);
    succeeded(await review.up());
    assert.equal(await outOf(`${reviews}/web`, "control"), `${images}\nattacker\n`);
});

test("a review that names main's project cannot push", async () => {
    const before = await readContents(lab.admin, images);
    await review.program(program({ project: images, tag: "latest", cache: { scope: "main" } }));
    await appendFile(join(review.folder, "app", "page.txt"), "attacker\n");
    const { code, output } = await review.up();
    assert.notEqual(code, 0, output);
    assert.match(output, /a push requires pull and push/);
    assert.deepEqual(await readContents(lab.admin, images), before);
});
