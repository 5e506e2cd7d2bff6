import assert from "node:assert/strict";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { before, test } from "node:test";
import { setImmediate } from "node:timers/promises";
import * as harbor from "@pulumi/harbor";
import * as pulumi from "@pulumi/pulumi";
import type { AccessArgs } from "../../../src/access/args";
import { UsedProjects } from "../../../src/access/usedProjects";
import { Claims } from "../../../src/harbor/claims";
import { mockHooks } from "../../support/mocks";
import { construct } from "../engine/constructs";

before(() =>
    pulumi.runtime.setMocks(
        {
            newResource: ({ name, inputs }) => ({ id: name, state: inputs }),
            call: ({ inputs: { name } }) => {
                if (name === "there") return { id: "/projects/7" };
                // The SDK reads the details of a gRPC error.
                const details = name === "gone" ? `Harbor has no project "${name}"` : "403";
                throw Object.assign(new Error(), { details });
            },
        },
        "test",
        "dev",
        true,
    ),
);

/** The fault of a missing project in a preview. */
async function judge(dependsOn: pulumi.ComponentResourceOptions["dependsOn"]) {
    let verdict: string | undefined;
    await pulumi.runtime.runInPulumiStack(async () => {
        const component = new pulumi.ComponentResource("test:index:Component", "fm");
        const args = { project: { name: "shop", existing: true }, context: "." };
        const used = new UsedProjects(component, "fm", args, { dependsOn }, async () => false);
        verdict = await used.judge("shop");
    });
    return verdict;
}

test("accepts a missing project that a dependency may create, but not an empty dependsOn list", async () => {
    const missing = /project\.name: Harbor has no project "shop"/;
    assert.match((await judge(undefined)) ?? "", missing);
    assert.match((await judge([])) ?? "", missing);
    const other = new pulumi.ComponentResource("test:index:Component", "other");
    for (const dependsOn of [other, [other], pulumi.output([other])]) {
        assert.equal(await judge(dependsOn), undefined);
    }
});

/** The fault that the hook of the robot account reports, and the projects that it asked the default provider for. */
async function runHook(
    args: AccessArgs,
    { missing = [] as readonly string[], providers = [] as pulumi.ProviderResource[] } = {},
) {
    const asked: string[] = [];
    let bound: pulumi.ResourceHookBinding | undefined;
    let fault: string | undefined;
    await pulumi.runtime.runInPulumiStack(async () => {
        mockHooks();
        const component = new pulumi.ComponentResource(
            "test:index:Component",
            "fm",
            {},
            { providers },
        );
        const used = new UsedProjects(component, "fm", args, {}, async (project) => {
            asked.push(project);
            return !missing.includes(project);
        });
        bound = used.hooks();
        const [hook] = bound?.beforeCreate ?? [];
        if (typeof hook === "object") {
            assert.deepEqual(hook.opts, { onDryRun: true });
            const call = hook.callback({ urn: "u", id: "", name: "fm-robot", type: "t" });
            fault = await Promise.resolve(call).then(
                () => undefined,
                (error: Error) => error.message,
            );
        }
    });
    return { asked, bound: bound && Object.keys(bound), fault };
}

test("asks Harbor for each project that it uses before it creates a robot account there", async () => {
    const cache = { project: "caches", fallbackProject: "main" };
    const args = { project: { name: "shop", existing: true }, cache };
    const bound = ["beforeCreate"];
    const all = ["main", "caches", "shop"];
    assert.deepEqual(await runHook(args), { asked: all, bound, fault: undefined });
    const faults = {
        main: 'cache.fallbackProject: Harbor has no project "main". Expected the project that holds the caches of cache.fallbackScopes. Fix: correct the name, or remove cache.fallbackProject',
        caches: 'cache.project: Harbor has no project "caches". Create it first (an ImageProject declares its cache.project), or correct the name',
        shop: 'project.name: Harbor has no project "shop". Remove project.existing to declare it here, or correct the name; if this program declares it elsewhere, add that resource to dependsOn',
    };
    for (const [index, [project, text]] of Object.entries(faults).entries()) {
        const { asked, fault } = await runHook(args, { missing: [project] });
        assert.deepEqual(asked, all.slice(0, index + 1));
        assert.equal(fault, `CachedImage "fm": an argument is invalid.\n  ${text}`);
    }
});

test("has no hook for a project that the component declares, with caches in it", async () => {
    const nothing = { asked: [], bound: undefined, fault: undefined };
    assert.deepEqual(await runHook({ project: { name: "shop" } }), nothing);
    const cache = { project: "shop", fallbackProject: "shop" };
    assert.deepEqual(await runHook({ project: { name: "shop" }, cache }), nothing);
});

test("asks an explicit provider, and accepts a project that it may not read", async () => {
    const ask = (name: string) =>
        runHook(
            { project: { name, existing: true } },
            { providers: [new harbor.Provider("own")], missing: [name] },
        );
    const accepted = { asked: [], bound: ["beforeCreate"], fault: undefined };
    assert.deepEqual(await ask("there"), accepted);
    assert.deepEqual(await ask("hidden"), accepted);
    assert.match((await ask("gone")).fault ?? "", /project\.name: Harbor has no project "gone"/);
});

test("claims the projects that a deployment uses, and none in a preview", async (t) => {
    const temporary = process.env["TMPDIR"];
    process.env["TMPDIR"] = mkdtempSync(join(tmpdir(), "hb-claims-"));
    t.after(() => {
        if (temporary === undefined) delete process.env["TMPDIR"];
        else process.env["TMPDIR"] = temporary;
    });
    const engine = "127.0.0.1:41234";
    // A component of a program in another language, whose projects are not in sight.
    const component = {} as pulumi.ComponentResource;
    for (const [name, preview] of [
        ["previewed", true],
        ["shop", false],
    ] as const) {
        const args = { project: { name, existing: true }, cache: { project: `${name}-cache` } };
        construct(engine, () => new UsedProjects(component, "fm", args, {}, async () => true), {
            preview,
        });
    }
    for (let turn = 0; turn < 20; turn++) await setImmediate();
    const user = 'CachedImage "fm"';
    assert.deepEqual(new Claims(engine).all(), [
        { user, project: "shop-cache" },
        { user, project: "shop" },
    ]);
});
