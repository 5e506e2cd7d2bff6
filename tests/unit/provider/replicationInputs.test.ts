import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { PluginClient, unknown } from "../../support/pluginClient";

const type = "harbor:index/replication:Replication";

// What is judged and compared without a Harbor.
describe("inputs of Replication", () => {
    let plugin: PluginClient;
    before(async () => {
        plugin = await PluginClient.start();
    });
    after(() => plugin.close());

    const pull = (name: string, extra: object = {}) => ({
        name,
        action: "pull",
        registryId: 3,
        ...extra,
    });

    test("ignores the order of filters and labels, and a default decoration", async () => {
        const olds = pull("x", { filters: [{ tag: "v*" }, { labels: ["a", "b"] }] });
        const news = pull("x", {
            filters: [{ labels: ["b", "a"] }, { tag: "v*", decoration: "matches" }],
        });
        assert.deepEqual((await plugin.diff(type, olds, news)).detailed, {});
    });

    test("replaces a policy for another action, but not for another registry", async () => {
        const olds = pull("x");
        const news = { ...olds, action: "push", registryId: 4 };
        const diff = await plugin.diff(type, olds, news);
        assert.deepEqual(diff.detailed, { action: "UPDATE_REPLACE", registryId: "UPDATE" });
        assert.equal(diff.deleteBeforeReplace, true);
    });

    test("reports everything that Harbor would refuse together, by path", async () => {
        const { failures } = await plugin.check(type, {
            action: "pul",
            registryId: 0,
            schedule: "0 * * * * *",
            destNamespace: "Shop",
            destNamespaceReplace: 128,
            speed: -2,
            enabled: false,
            executeOnChanged: true,
            filters: [
                {},
                { name: "a", decoration: "excludes" },
                { resource: "chart" },
                { tag: "a", decoration: "exclude" },
            ],
        });
        assert.deepEqual(failures, {
            action: '"pul" is not one of "push", "pull"; did you mean "pull"?',
            registryId: "0 is not a whole number from 1 to 9007199254740991",
            schedule: '"0 * * * * *" has "*" for minutes, which Harbor refuses for a replication',
            destNamespace:
                '"Shop" is not a namespace; expected lower-case letters and digits with single separators between, such as shop/mirror',
            destNamespaceReplace: "128 is not a whole number from -1 to 127",
            speed: "-2 is not a whole number from -1 to 2147483647",
            executeOnChanged:
                "cannot be combined with enabled false: Harbor runs no disabled policy",
            "filters[0]": "names nothing; give name, tag, labels or resource",
            "filters[1].decoration":
                '"excludes" is for tag and labels; Harbor cannot exclude by name or resource',
            "filters[2].resource": '"chart" is not one of "image", "artifact"',
            "filters[3].decoration":
                '"exclude" is not one of "matches", "excludes"; did you mean "excludes"?',
        });
    });

    test("checks schedules, and rejects event_based with singleActiveReplication (a bare 500)", async () => {
        const judged = async (schedule: string) =>
            (await plugin.check(type, pull("x", { schedule }))).failures["schedule"];
        assert.equal(
            await judged("event-based"),
            '"event-based" is not a schedule; expected manual, event_based, Hourly, Daily, Weekly or six cron fields, seconds first; did you mean "event_based"?',
        );
        assert.equal(
            await judged("* 0/15 * * * *"),
            '"* 0/15 * * * *" has "*" for seconds, where Harbor requires 0',
        );
        assert.equal(
            await judged("0 2 * * *"),
            '"0 2 * * *" has 5 fields; expected 6 with seconds first; write "0 0 2 * * *"',
        );
        for (const good of ["manual", "", "event_based", "daily", "0 0/15 * * * *"]) {
            assert.equal(await judged(good), undefined, good);
        }
        const { failures } = await plugin.check(
            type,
            pull("x", { schedule: "event_based", singleActiveReplication: true }),
        );
        assert.deepEqual(failures, {
            singleActiveReplication:
                'cannot be combined with schedule "event_based": Harbor refuses it',
        });
    });

    test("accepts filters with unknown values", async () => {
        const filters = [{ name: unknown, decoration: "excludes" }];
        const { failures } = await plugin.check(type, pull("x", { filters }));
        assert.deepEqual(failures, {});
    });
});
