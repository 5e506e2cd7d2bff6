import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { appendFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { before, test } from "node:test";
import type { Account } from "../support/attacks";
import { recordBuilds, statesOf, steps } from "../support/buildRecord";
import { unpackImage } from "../support/image";
import { openLab, uniqueName } from "../support/lab";
import { succeeded } from "../support/run";
import { newRunner } from "../support/runner";
import { newKey } from "../support/signingKeys";
import { TestStack } from "../support/stack";
import { writeFolder } from "../support/tinyProject";

const lab = openLab();
const { host } = new URL(lab.admin.url);
const images = uniqueName("signed-cache");
const { key, publicKey } = newKey("p256");

const projects = `
import { ImageProject } from "harbor-build";

const images = new ImageProject("images", {
    name: "${images}",
    cache: { project: "${images}" },
    retainImages: false,
});
export const { pushCredentials, readCredentials } = images;
`;

/** A builder stage whose result depends on what its cache mount contains. */
const dockerfile = (script: string) => `FROM alpine:3.22 AS build
RUN true
COPY source.txt /
RUN --mount=type=cache,target=/store ${script}
FROM scratch
COPY --from=build /out /out
COPY page.txt /
`;
const honest =
    "{ cat /source.txt; cat /store/payload || echo main; } > /out; " +
    "[ -f /store/data ] || head -c 50000 /dev/urandom > /store/data";
const poisoning =
    "echo attacker > /store/payload; head -c 50000 /dev/urandom > /store/data; echo > /out";
const files = {
    "app/Dockerfile": dockerfile(honest),
    "app/source.txt": "source\n",
    "app/page.txt": "page\n",
};

const program = (tag: string, cache: string, more = "") => `
import * as pulumi from "@pulumi/pulumi";
import { CachedImage, PreviewMode } from "harbor-build";

new CachedImage("web", {
    project: { name: "${images}", existing: true },
    context: "app",
    credentials: {
        username: process.env["REGISTRY_USERNAME"] ?? "",
        password: pulumi.secret(process.env["REGISTRY_PASSWORD"] ?? ""),
    },
    tags: ["${tag}"],
    cache: { scope: "main", ${cache} },
    ${more}
});
`;
const signing = `sign: { key: pulumi.secret(process.env["SIGNING_KEY"] ?? "") },`;
const reading = `carryMounts: true, write: false, publicKeys: [${JSON.stringify(publicKey)}]`;

let main: TestStack;
/** Has main's account, and not its key. */
let attacker: TestStack;
/** Reads main's cache, and has the public key alone. */
let reader: TestStack;

before(async () => {
    const harbor = await TestStack.create(lab, projects);
    succeeded(await harbor.up());
    // The outputs have the shape of RegistryCredentials.
    const outputs = (await harbor.outputs()) as Record<string, Account>;
    const stackOf = (stack: string, text: string, account = "pushCredentials", signingKey = "") =>
        TestStack.create(lab, text, {
            stack,
            files: writeFolder(files),
            environment: {
                HARBOR_USERNAME: "",
                HARBOR_PASSWORD: "",
                REGISTRY_USERNAME: outputs[account]?.username,
                REGISTRY_PASSWORD: outputs[account]?.password,
                SIGNING_KEY: signingKey,
            },
        });
    const carrying = "carryMounts: true";
    main = await stackOf("main", program("latest", carrying, signing), "pushCredentials", key);
    attacker = await stackOf("attacker", program("evil", carrying));
    reader = await stackOf("reader", program("reader", reading, "preview: PreviewMode.Build,"));
    await newRunner(lab);
    const up = succeeded(await main.up());
    assert.doesNotMatch(up.output, /not signed/);
});

/** The file that the builder stage of an image has made. */
async function outOf(tag: string): Promise<string> {
    const folder = await unpackImage(lab.admin, `${images}/web`, tag);
    const text = readFileSync(join(folder, "out"), "utf8");
    await rm(folder, { recursive: true });
    return text;
}

/** An up on a new runner after a change of a file; the state of the builder stage's step. */
async function upOnNewRunner(stack: TestStack, file: "page.txt" | "source.txt") {
    await newRunner(lab);
    await appendFile(join(stack.folder, "app", file), "changed\n");
    const { result, builds } = await recordBuilds(lab, () => stack.up());
    succeeded(result);
    const ran = statesOf(builds, (step) => step.includes("cat /source.txt"));
    return { output: result.output, ran };
}

const operationsOf = ({ operations }: { operations: Readonly<Record<string, string>> }) =>
    Object.entries(operations).filter(([, operation]) => operation !== "same");

test("changes nothing when nothing changed, although each build writes another cache", async () => {
    assert.deepEqual(operationsOf(succeeded(await main.preview())), []);
    assert.deepEqual(operationsOf(succeeded(await main.up())), []);
});

test("builds from its signed cache on a new runner, by digest and without a warning", async () => {
    const { output, ran } = await upOnNewRunner(main, "page.txt");
    assert.deepEqual([...new Set(ran)], ["cached"]);
    assert.doesNotMatch(output, /not signed/);
    const { deployment } = JSON.parse(await main.state());
    const sources = deployment.resources.flatMap(
        (resource: { type: string; urn: string; inputs?: { cacheFrom?: object } }) =>
            resource.type === "docker-build:index:Image" && resource.urn.endsWith("web-app")
                ? JSON.stringify(resource.inputs?.cacheFrom)
                : [],
    );
    assert.match(sources.join(), new RegExp(`${host}/${images}/web/cache:main@sha256:`));
});

test("reads main's signed cache with the public key alone, in previews that build too", async () => {
    await newRunner(lab);
    const { result, builds } = await recordBuilds(lab, () => reader.preview());
    succeeded(result);
    const ran = builds.flatMap((build) =>
        Object.entries(steps(build)).filter(([name]) => name.includes("cat /source.txt")),
    );
    assert.deepEqual([...new Set(ran.map(([, state]) => state))], ["cached"]);
});

test("main's next build runs nothing that another account with its rights has written", async () => {
    await newRunner(lab);
    const write = (script: string) =>
        writeFile(join(attacker.folder, "app", "Dockerfile"), dockerfile(script));
    await write(poisoning);
    succeeded(await attacker.up());
    await write(honest);
    await writeFile(
        join(attacker.folder, "app", "source.txt"),
        readFileSync(join(main.folder, "app", "source.txt")),
    );
    succeeded(await attacker.up());
    assert.equal(await outOf("evil"), "source\nattacker\n");

    // The poison works: without a key, a build on a new runner gets the attacker's file.
    const trusting = program("control", "carryMounts: true, write: false");
    await reader.program(trusting);
    await newRunner(lab);
    succeeded(await reader.up());
    assert.equal(await outOf("control"), "source\nattacker\n");

    const { output, ran } = await upOnNewRunner(main, "page.txt");
    assert.equal(await outOf("latest"), "source\nmain\n");
    assert.deepEqual([...new Set(ran)], ["built"], "the build is cold");
    const warnings = [...output.matchAll(/warning: (cache: .*)/g)].map(([, text]) => text);
    assert.equal(new Set(warnings).size, 1, output);
    assert.match(output, /main is not signed with a trusted key/);
    assert.match(output, /poisoned-cache/);

    // Neither is the attacker's cache mount: the changed step runs with main's save, or an empty mount.
    await upOnNewRunner(main, "source.txt");
    assert.equal(await outOf("latest"), "source\nchanged\nmain\n");
});

test("uses its cache again after the build that replaced the attacker's", async () => {
    const { output, ran } = await upOnNewRunner(main, "page.txt");
    assert.deepEqual([...new Set(ran)], ["cached"]);
    assert.doesNotMatch(output, /not signed/);
});
