import assert from "node:assert/strict";
import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { before, test } from "node:test";
import { readConfig } from "../support/image";
import { type Lab, openLab, uniqueName } from "../support/lab";
import { askApi } from "../support/registry";
import { TestStack } from "../support/stack";
import { tinyFiles, tinyProgram, writeFolder } from "../support/tinyProject";

const project = uniqueName("soak");
const changes = Number(process.env["HARBOR_BUILD_SOAK_CHANGES"] ?? 30);
/** Number of changes after which everything that a stack keeps has its final size. */
const settled = 3;
let lab: Lab;
let stack: TestStack;

before(async () => {
    lab = openLab();
    stack = await TestStack.create(lab, tinyProgram(project), { files: writeFolder(tinyFiles) });
    const up = await stack.up();
    assert.equal(up.code, 0, up.output);
});

/** What a stack keeps, on this machine and in Harbor. */
interface Kept {
    readonly stateBytes: number;
    /** Files and folders that the component generated. */
    readonly generated: number;
    /** Size of the app image's config, which contains the record of the cache, in bytes. */
    readonly configBytes: number;
    readonly tags: readonly string[];
    readonly artifacts: number;
}

interface Artifact {
    readonly tags: readonly { readonly name: string }[] | null;
}

async function artifactsOf(repository: string): Promise<readonly Artifact[]> {
    const name = encodeURIComponent(encodeURIComponent(repository));
    const found = await askApi(
        lab.admin,
        `/projects/${project}/repositories/${name}/artifacts?page_size=100`,
    );
    assert.equal(found.status, 200);
    // Harbor's API description: a list of Artifact.
    return found.json as readonly Artifact[];
}

async function measure(): Promise<Kept> {
    const artifacts = [...(await artifactsOf("tiny")), ...(await artifactsOf("tiny/cache"))];
    return {
        stateBytes: (await stack.state()).length,
        generated: readdirSync(join(stack.folder, ".harbor-build"), { recursive: true }).length,
        configBytes: JSON.stringify(await readConfig(lab.admin, `${project}/tiny`, "latest"))
            .length,
        tags: artifacts.flatMap(({ tags }) => (tags ?? []).map(({ name }) => name)).sort(),
        artifacts: artifacts.length,
    };
}

test(`keeps the state and Harbor at the size of the first few changes over ${changes} changes`, async (t) => {
    let early: Kept | undefined;
    for (let change = 1; change <= changes; change++) {
        writeFileSync(join(stack.folder, "tiny/lib.txt"), `change ${change}\n`);
        const up = await stack.up();
        assert.equal(up.code, 0, up.output);
        assert.deepEqual(
            [up.operations["tiny-stage-build"], up.operations["tiny-app"]],
            ["update", "update"],
        );
        if (change === settled) {
            early = await measure();
        }
    }
    assert.ok(early !== undefined);
    const late = await measure();
    t.diagnostic(`after ${settled}: ${JSON.stringify(early)}`);
    t.diagnostic(`after ${changes}: ${JSON.stringify(late)}`);
    assert.ok(late.stateBytes < early.stateBytes * 1.1, "the state grows");
    assert.equal(late.generated, early.generated);
    assert.ok(late.configBytes < early.configBytes * 2, "the cache's record grows");
    assert.deepEqual(late.tags, early.tags);
    // A moving tag leaves the previous artifact untagged until a retention rule deletes it: the app
    // image in its own repository, the cache and the builder-stage image in the cache's repository.
    assert.equal(late.artifacts - early.artifacts, 3 * (changes - settled));
    const again = await stack.preview("--expect-no-changes");
    assert.equal(again.code, 0, again.output);
});
