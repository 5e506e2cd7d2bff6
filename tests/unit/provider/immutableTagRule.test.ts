import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { createProject } from "../../../src/harbor/project";
import { listImmutableRules } from "../../../src/provider/harbor/immutable";
import { reset } from "../../support/faultyProxy";
import { change, driftOf, importDiff, make, removeTwice } from "../../support/lifecycle";
import { type ProviderBench, startProviderBench } from "../../support/providerBench";

const type = "harbor:index/immutableTagRule:ImmutableTagRule";

describe("ImmutableTagRule", () => {
    let bench: ProviderBench;
    let number: number;
    let projectId: string;
    before(async () => {
        bench = await startProviderBench();
        number = (await createProject(bench.harbor.client(), { name: "fixed" })).value;
        projectId = `/projects/${number}`;
    });
    after(() => bench.close());
    const rules = () => listImmutableRules(bench.harbor.client(), number);

    test("creates a rule, and a refresh finds no difference", async () => {
        const made = await make(bench, type, {
            projectId,
            repoMatching: "**",
            tagMatching: "release-*",
        });
        const id = Number(made.id.replace(`${projectId}/immutabletagrules/`, ""));
        assert.deepEqual(
            (await rules()).find((rule) => rule.id === id),
            {
                id,
                disabled: false,
                repository: { decoration: "repoMatches", pattern: "**" },
                tag: { decoration: "matches", pattern: "release-*" },
            },
        );
        assert.deepEqual(await driftOf(bench, type, made), {});
    });

    test("creates a disabled rule, although Harbor ignores `disabled` at the creation", async () => {
        const made = await make(bench, type, {
            projectId,
            repoMatching: "off",
            tagMatching: "*",
            disabled: true,
        });
        assert.deepEqual(await driftOf(bench, type, made), {});
        assert.equal(
            (await rules()).find((rule) => made.id.endsWith(`/${rule.id}`))?.disabled,
            true,
        );
    });

    test("keeps repoExcluding in an import (fault 9)", async () => {
        const inputs = { projectId, repoExcluding: "tmp/**", tagMatching: "v*" };
        const { id } = await make(bench, type, inputs);
        assert.deepEqual(await importDiff(bench, type, id, inputs), { id, detailed: {} });
    });

    test("converges after a switch from tagMatching to tagExcluding (fault 9)", async () => {
        const made = await make(bench, type, { projectId, repoMatching: "sw", tagMatching: "a" });
        const next = { projectId, repoMatching: "sw", tagExcluding: "a" };
        const diff = await bench.plugin.diff(type, made.outputs, next);
        assert.deepEqual(diff.detailed, { tagMatching: "DELETE", tagExcluding: "ADD" });
        const changed = await change(bench, type, made, next);
        assert.equal("tagMatching" in changed.outputs, false);
        assert.deepEqual(await driftOf(bench, type, changed), {});
    });

    test("updates `disabled` and the selectors together, in both directions", async () => {
        const inputs = { projectId, repoMatching: "both", tagMatching: "v*" };
        let made = await make(bench, type, inputs);
        const id = Number(made.id.split("/").pop());
        for (const [disabled, tagMatching] of [
            [true, "w*"],
            [false, "x*"],
        ] as const) {
            made = await change(bench, type, made, { ...inputs, tagMatching, disabled });
            assert.deepEqual(
                (await rules()).find((rule) => rule.id === id),
                {
                    id,
                    disabled,
                    repository: { decoration: "repoMatches", pattern: "both" },
                    tag: { decoration: "matches", pattern: tagMatching },
                },
            );
            assert.deepEqual(await driftOf(bench, type, made), {});
        }
    });

    test("rejects a rule without selectors, which Harbor accepts (fault 9)", async () => {
        const { failures } = await bench.plugin.check(type, {
            projectId,
            tagMatching: "a",
            tagExcluding: "b",
        });
        assert.deepEqual(failures, {
            repoMatching: 'is missing: give repoMatching or repoExcluding; "**" matches everything',
            tagMatching: "cannot be given together with tagExcluding; give one of both",
        });
    });

    test("enables a rule that it takes over and that somebody disabled", async () => {
        const inputs = { projectId, repoMatching: "idle", tagMatching: "idle" };
        const { id } = await make(bench, type, inputs);
        // As Harbor's page does: one request, which changes only this.
        await bench.harbor.client().put(id, { id: Number(id.split("/").pop()), disabled: true });
        const taken = await make(bench, type, inputs);
        assert.equal(taken.id, id);
        assert.equal((await rules()).find((rule) => id.endsWith(`/${rule.id}`))?.disabled, false);
    });

    test("takes over an equal rule, which an interrupted run left", async () => {
        const inputs = { projectId, repoMatching: "same", tagMatching: "same" };
        const { id } = await make(bench, type, inputs);
        const taken = await make(bench, type, inputs);
        assert.equal(taken.id, id);
        const equal = (await rules()).filter((rule) => rule.repository?.pattern === "same");
        assert.equal(equal.length, 1);
    });

    test("finds a creation whose answer is lost, without a second request", async () => {
        bench.proxy.inject({
            method: "POST",
            path: "/immutabletagrules",
            afterwards: true,
            act: reset,
        });
        const made = await make(bench, type, { projectId, repoMatching: "lost", tagMatching: "*" });
        const found = (await rules()).filter((rule) => rule.repository?.pattern === "lost");
        assert.deepEqual(
            found.map((rule) => `${projectId}/immutabletagrules/${rule.id}`),
            [made.id],
        );
    });

    test("treats a bare project number like its path (fault 7)", async () => {
        const olds = { projectId, repoMatching: "x", tagMatching: "*", disabled: false };
        const diff = await bench.plugin.diff(type, olds, { ...olds, projectId: String(number) });
        assert.deepEqual(diff.detailed, {});
    });

    test("drops a rule that was deleted in Harbor at the next refresh, and deletes it again without an error (fault 13)", async () => {
        const made = await make(bench, type, { projectId, repoMatching: "gone", tagMatching: "*" });
        const id = Number(made.id.split("/").pop());
        await bench.harbor.client().delete(`/projects/${number}/immutabletagrules/${id}`);
        await removeTwice(bench, type, made);
    });

    test("rejects an invalid id with the expected form", async () => {
        await assert.rejects(bench.plugin.read(type, "/projects/fixed/rules/1"), {
            message:
                '"/projects/fixed/rules/1" is not the id of an immutable tag rule; expected /projects/N/immutabletagrules/N',
        });
    });
});
