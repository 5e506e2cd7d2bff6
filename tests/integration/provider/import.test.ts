import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { allNames, allResources, type Everything } from "../../support/allResources";
import { type HarborLab, type Kept, keptBy, openHarborLab } from "../../support/harborLab";
import { uniqueName } from "../../support/lab";
import { succeeded } from "../../support/run";
import type { TestStack } from "../../support/stack";

let harbor: HarborLab;
let everything: Everything;
/** The stack that made the resources, and keeps them. */
let owner: TestStack;
let kept: readonly Kept[];

before(async () => {
    harbor = await openHarborLab();
    everything = {
        prefix: uniqueName("adopt"),
        upstream: harbor.lab.admin.url,
        singletons: harbor.isSandbox,
        systemRights: harbor.systemRights,
    };
    owner = await harbor.stack(allResources(everything));
    succeeded(await owner.up());
    kept = Object.values(await keptBy(owner));
});

after(() => harbor.close());

const keptAs = (name: string): Kept => {
    const found = kept.find((resource) => resource.name === name);
    assert.ok(found, name);
    return found;
};

/** A separate, empty stack, which drops the adopted resources from its state at the end. */
async function adopting(program: string, work: (stack: TestStack) => Promise<void>): Promise<void> {
    const stack = await harbor.stack(program);
    try {
        await work(stack);
    } finally {
        await stack.forget();
    }
}

test("adopts each with the option `import` of the program that created it", async () => {
    const imports = Object.fromEntries(kept.map(({ name, id }) => [name, id]));
    const program = `
import * as pulumi from "@pulumi/pulumi";
const ids: Record<string, string> = ${JSON.stringify(imports)};
pulumi.runtime.registerStackTransformation(({ name, props, opts }) =>
    name in ids ? { props, opts: { ...opts, import: ids[name] } } : undefined,
);
${allResources(everything)}`;
    await adopting(program, async (stack) => {
        const up = succeeded(await stack.up());
        const every = (operation: string) =>
            Object.fromEntries(allNames(everything).map((name) => [name, operation]));
        assert.deepEqual(up.operations, every("import"));
        await stack.program(allResources(everything));
        const preview = succeeded(await stack.preview("--diff"));
        assert.deepEqual(preview.diffs, {});
        assert.deepEqual(preview.operations, every("same"));
        succeeded(await stack.refresh("--expect-no-changes"));
    });
});

test("adopts each with `pulumi import` without a program, and the program then shows no diff", async () => {
    const { prefix } = everything;
    const project = `${keptAs("shop").id}`;
    const number = project.split("/").pop();
    /** Forms of ids that are accepted besides the one that is kept. */
    const system = () => ({
        cache: `/projects/${prefix}-cache`,
        upstream: `${prefix}-upstream`,
        fleet: String(keptAs("fleet").outputs["robotId"]),
        person: `${prefix}-person`,
    });
    const forms: Readonly<Record<string, string>> = {
        ...(everything.systemRights ? system() : {}),
        shop: prefix,
        ci: String(keptAs("ci").outputs["fullName"]),
        keep: `/projects/${number}`,
        label: String(keptAs("label").id.split("/").pop()),
    };
    const resources = kept.map(({ name, type, id }) => ({ name, type, id: forms[name] ?? id }));
    await adopting(allResources(everything), async (stack) => {
        await writeFile(join(stack.folder, "import.json"), JSON.stringify({ resources }));
        const flags = ["--generate-code=false", "--protect=false", "--yes"];
        const run = await stack.pulumi(["import", "--file", "import.json", ...flags]);
        assert.equal(run.code, 0, run.output);
        const adopted = await keptBy(stack);
        for (const { name, id } of kept) assert.equal(adopted[name]?.id, id, name);
        const preview = succeeded(await stack.preview("--diff"));
        assert.deepEqual(preview.diffs, {});
        assert.deepEqual(new Set(Object.values(preview.operations)), new Set(["same"]));
    });
});

test("writes a program that shows no diff with `pulumi import`", async (context) => {
    await adopting(`import * as harbor from "@pulumi/harbor";\n`, async (stack) => {
        const names = ["shop", "ci", "keep", "label"];
        const resources = names.map(keptAs).map(({ name, type, id }) => ({ name, type, id }));
        await writeFile(join(stack.folder, "import.json"), JSON.stringify({ resources }));
        const flags = ["--out", "generated.ts", "--protect=false", "--yes"];
        const run = await stack.pulumi(["import", "--file", "import.json", ...flags]);
        if (/does not implement the method generateProgram/i.test(run.output)) {
            context.skip("this Pulumi's language host writes no programs; a released Pulumi does");
            return;
        }
        assert.equal(run.code, 0, run.output);
        await stack.program(await readFile(join(stack.folder, "generated.ts"), "utf8"));
        const preview = succeeded(await stack.preview("--diff"));
        assert.deepEqual(preview.diffs, {});
        assert.deepEqual(Object.keys(preview.operations).sort(), [...names].sort());
    });
});

test("rejects a missing id and an id of another form, with the expected form", async () => {
    await adopting(`import * as harbor from "@pulumi/harbor";\n`, async (stack) => {
        for (const [type, id, reason] of [
            ["project:Project", "/projects/999999999", /999999999/],
            ["robotAccount:RobotAccount", "/robots/999999999", /999999999/],
            [
                "immutableTagRule:ImmutableTagRule",
                "7",
                /"7" is not the id of an immutable tag rule; expected \/projects\/N\/immutabletagrules\/N/,
            ],
            [
                "garbageCollection:GarbageCollection",
                "anything",
                /"anything" does not exist; the only id is \/system\/gc\/schedule/,
            ],
        ] as const) {
            const run = await stack.pulumi(["import", `harbor:index/${type}`, "x", id, "--yes"]);
            assert.notEqual(run.code, 0, run.output);
            assert.match(run.output, reason);
        }
    });
});
