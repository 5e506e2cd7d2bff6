import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { before, test } from "node:test";
import { recordBuilds } from "../support/buildRecord";
import { type Lab, openLab, uniqueName } from "../support/lab";
import { createProject } from "../support/registry";
import { newRunner } from "../support/runner";
import { TestStack } from "../support/stack";
import { writeFolder } from "../support/tinyProject";

const rounds = 30;
const project = uniqueName("mountsoak");
/** Each file adds more than a tenth to the mount: a smaller change is not saved. */
const bytes = "$((20000 + $(du -sk /m | cut -f1) * 102))";
const dockerfile = [
    "FROM alpine:3.22 AS build",
    "COPY main.txt /src/",
    "RUN --mount=type=cache,target=/m " +
        `echo "had $(ls /m | wc -l) files"; head -c ${bytes} /dev/urandom > /m/$(ls /m | wc -l); cp /src/main.txt /out`,
    "FROM alpine:3.22",
    "COPY --from=build /out /out",
    "",
].join("\n");
const files = writeFolder({ "app/Dockerfile": dockerfile, "app/main.txt": "main\n" });

const program = (projectArgs: string, cache: string) => `
import { CachedImage } from "harbor-build";

new CachedImage("app", { project: ${projectArgs}, context: "app", cache: ${cache} });
`;

let lab: Lab;
let main: TestStack;
let branch: TestStack;

before(async () => {
    lab = openLab();
    await createProject(lab.admin, project);
    const existing = `{ name: "${project}", existing: true }`;
    main = await TestStack.create(lab, program(existing, "{ carryMounts: true }"), {
        files,
        stack: "main",
    });
    const reading = '{ carryMounts: true, write: false, fallbackScopes: ["main"] }';
    branch = await TestStack.create(lab, program(existing, reading), { files, stack: "branch" });
});

async function up(stack: TestStack) {
    await newRunner(lab);
    const { result, builds } = await recordBuilds(lab, () => stack.up());
    assert.equal(result.code, 0, result.output);
    return {
        had: builds.flatMap(({ output }) => output.match(/(?<=had )\d+/g) ?? []),
        unpacked: builds.flatMap(({ unpacked }) => unpacked),
    };
}

const change = (stack: TestStack, text: string) =>
    writeFile(join(stack.folder, "app/main.txt"), text);

test("the mount grows by one file with each new runner, and unchanged runs unpack nothing", async () => {
    for (let round = 0; round < rounds; round++) {
        await change(main, `main ${round}\n`);
        assert.deepEqual((await up(main)).had, [String(round)]);
        await main.forget();
        assert.deepEqual(await up(main), { had: [], unpacked: [] });
        if (round % 10 === 0) {
            await change(branch, `branch ${round}\n`);
            assert.deepEqual((await up(branch)).had, [String(round + 1)]);
        }
    }
});
