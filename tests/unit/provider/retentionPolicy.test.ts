import assert from "node:assert/strict";
import { after, before, beforeEach, describe, test } from "node:test";
import { createProject, deleteProject } from "../../../src/harbor/project";
import { getRetention, updateRetention } from "../../../src/provider/harbor/retention";
import { answer, reset } from "../../support/faultyProxy";
import { change, driftOf, importDiff, make, removeTwice } from "../../support/lifecycle";
import { type ProviderBench, startProviderBench } from "../../support/providerBench";

const type = "harbor:index/retentionPolicy:RetentionPolicy";
const keepTen = { mostRecentlyPushed: 10, repoMatching: "**", tagMatching: "**" };

describe("RetentionPolicy", () => {
    let bench: ProviderBench;
    let projectId: number;
    let scope: string;
    let count = 0;
    before(async () => {
        bench = await startProviderBench();
    });
    after(() => bench.close());
    beforeEach(async () => {
        const { value } = await createProject(bench.harbor.client(), { name: `keep-${++count}` });
        projectId = value;
        scope = `/projects/${projectId}`;
    });
    const number = (id: string) => Number(id.replace("/retentions/", ""));

    test("creates a policy, and a refresh finds no difference", async () => {
        const rules = [
            keepTen,
            {
                nDaysSinceLastPull: 7,
                repoExcluding: "tmp/**",
                tagExcluding: "pr-*",
                untaggedArtifacts: false,
            },
            { alwaysRetain: true, repoMatching: "base", tagMatching: "v*" },
        ];
        const made = await make(bench, type, { scope, schedule: "Daily", rules });
        const { cron, rules: kept } = await getRetention(bench.harbor.client(), number(made.id));
        assert.equal(cron, "0 0 0 * * *");
        assert.deepEqual(kept, [
            {
                disabled: false,
                template: "latestPushedK",
                count: 10,
                repository: { decoration: "repoMatches", pattern: "**" },
                tag: { decoration: "matches", pattern: "**" },
                untagged: true,
            },
            {
                disabled: false,
                template: "nDaysSinceLastPull",
                count: 7,
                repository: { decoration: "repoExcludes", pattern: "tmp/**" },
                tag: { decoration: "excludes", pattern: "pr-*" },
                untagged: false,
            },
            {
                disabled: false,
                template: "always",
                count: undefined,
                repository: { decoration: "repoMatches", pattern: "base" },
                tag: { decoration: "matches", pattern: "v*" },
                untagged: true,
            },
        ]);
        assert.deepEqual(await driftOf(bench, type, made), {});
    });

    test("parses a scope as a whole (fault 2: the first digits anywhere)", async () => {
        const { failures } = await bench.plugin.check(type, { scope: "tfp-p1", rules: [keepTen] });
        assert.deepEqual(failures, {
            scope: '"tfp-p1" is not a project id; expected "/projects/N"; pass the id of a harbor.Project or of getProject, not the project\'s name',
        });
    });

    test("drops a policy that was deleted with its project at the next refresh (fault 3: 500 for ever)", async () => {
        const made = await make(bench, type, { scope, rules: [keepTen] });
        await deleteProject(bench.harbor.client(), projectId);
        const read = await bench.plugin.read(type, made.id, made.outputs, made.inputs);
        assert.equal(read.id, "");
    });

    test("treats a bare project number like its path (fault 7)", async () => {
        const made = await make(bench, type, { scope: String(projectId), rules: [keepTen] });
        assert.equal(made.outputs["scope"], scope);
        assert.deepEqual(await driftOf(bench, type, made), {});
    });

    test("treats other spellings of a schedule as the same (fault 8)", async () => {
        for (const schedule of ["daily", "0 0 0 * * *", "DAILY"]) {
            const olds = { scope, schedule: "Daily", rules: [keepTen] };
            const diff = await bench.plugin.diff(type, olds, { ...olds, schedule });
            assert.deepEqual(diff.detailed, {});
        }
    });

    test("reports Harbor's message for a refused creation (fault 8: hidden behind a second attempt)", async () => {
        bench.proxy.inject({
            method: "POST",
            path: "/retentions",
            act: answer(400, '{"errors":[{"code":"BAD_REQUEST","message":"no such schedule"}]}'),
        });
        await assert.rejects(make(bench, type, { scope, rules: [keepTen] }), {
            message: /^Harbor answered 400 BAD_REQUEST: no such schedule \(POST /,
        });
        const writes = bench.takeRequests().filter((line) => !line.startsWith("GET "));
        assert.deepEqual(writes.slice(-1), ["POST /retentions"]);
    });

    test("rejects schedules that Harbor refuses by their field (fault 8)", async () => {
        const reason = async (schedule: string) =>
            (await bench.plugin.check(type, { scope, schedule, rules: [keepTen] })).failures[
                "schedule"
            ];
        assert.equal(
            await reason("0 3 * * *"),
            '"0 3 * * *" has 5 fields; expected 6 with seconds first; write "0 0 3 * * *"',
        );
        assert.equal(
            await reason("Monthly"),
            '"Monthly" is not a schedule; expected Hourly, Daily, Weekly or six cron fields, seconds first',
        );
        assert.equal(
            await reason("* * * * * *"),
            '"* * * * * *" has "*" for seconds, where Harbor requires 0',
        );
        assert.equal(
            await reason("0 61 3 * * *"),
            '"0 61 3 * * *": minutes: "61" is not from 0 to 59',
        );
        assert.equal(await reason("0 0/15 9-17 * * mon-fri"), undefined);
    });

    test("rejects rules without exactly one measure, repositories and tags, all together", async () => {
        const rules = [
            { mostRecentlyPushed: 1, nDaysSinceLastPull: 2, repoMatching: "**", tagMatching: "**" },
            { mostRecentlyPulled: 0, tagMatching: "**" },
            keepTen,
            keepTen,
        ];
        const { failures } = await bench.plugin.check(type, { scope, rules });
        assert.deepEqual(failures, {
            "rules[0]":
                "has mostRecentlyPushed and nDaysSinceLastPull of mostRecentlyPushed, mostRecentlyPulled, nDaysSinceLastPush, nDaysSinceLastPull, alwaysRetain; expected exactly one",
            "rules[1]": "has none of repoMatching, repoExcluding; expected exactly one",
            "rules[1].mostRecentlyPulled": "0 is not a whole number from 1 to 2147483647",
            "rules[3]": "equals rules[2]; leave one out",
        });
    });

    test("creates a disabled rule, although Harbor ignores `disabled` at the creation", async () => {
        const rules = [{ ...keepTen, disabled: true }];
        const made = await make(bench, type, { scope, rules });
        const { rules: kept } = await getRetention(bench.harbor.client(), number(made.id));
        assert.equal(kept[0]?.disabled, true);
    });

    test("sees a rule changed in Harbor by its position", async () => {
        const made = await make(bench, type, { scope, rules: [keepTen] });
        const client = bench.harbor.client();
        const policy = await getRetention(client, number(made.id));
        const rules = policy.rules.map((rule) => ({ ...rule, count: 3 }));
        await updateRetention(client, { ...policy, rules });
        assert.deepEqual(await driftOf(bench, type, made), {
            "rules[0].mostRecentlyPushed": "UPDATE",
        });
        const mended = await change(bench, type, made, { scope, rules: [keepTen] });
        assert.deepEqual(await driftOf(bench, type, mended), {});
    });

    test("imports by id, number or project, with the canonical id and without a diff", async () => {
        const inputs = { scope, schedule: "0 30 2 * * *", rules: [keepTen] };
        const { id } = await make(bench, type, inputs);
        for (const form of [id, String(number(id)), scope]) {
            assert.deepEqual(await importDiff(bench, type, form, inputs), { id, detailed: {} });
        }
    });

    test("deletes a policy, and can then create another one for the project", async () => {
        const made = await make(bench, type, { scope, rules: [keepTen] });
        await removeTwice(bench, type, made);
        const next = await make(bench, type, { scope, rules: [keepTen] });
        assert.deepEqual(await driftOf(bench, type, next), {});
    });

    test("finds a creation whose answer is lost at its project", async () => {
        bench.proxy.inject({ method: "POST", path: "/retentions", afterwards: true, act: reset });
        const made = await make(bench, type, { scope, rules: [keepTen] });
        assert.deepEqual(await driftOf(bench, type, made), {});
    });

    test("names a missing project", async () => {
        await assert.rejects(make(bench, type, { scope: "/projects/99999", rules: [keepTen] }), {
            message: "scope: project /projects/99999 does not exist",
        });
    });
});
