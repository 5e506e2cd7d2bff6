import assert from "node:assert/strict";
import { test } from "node:test";
import { rightFor } from "../../../src/provider/rights";

const takes = (path: string) => rightFor({ url: `https://h.example.com/sub/api/v2.0${path}` });

test("requires a system administrator for what affects the whole Harbor", () => {
    for (const path of [
        "/registries",
        "/users/3",
        "/usergroups",
        "/configurations",
        "/quotas/7",
        "/system/gc/schedule",
        "/system/CVEAllowlist",
        "/replication/policies/1",
        "/p2p/preheat/instances",
        "/scanners",
    ]) {
        assert.equal(takes(path), "a system administrator", path);
    }
});

test("requires a project administrator within a project, and names both where either is enough", () => {
    assert.equal(takes("/retentions/7"), "an administrator of the project");
    for (const path of ["/projects/7", "/projects/7/immutabletagrules/1"]) {
        const expected = "an administrator of the project, if there is such a project";
        assert.equal(takes(path), expected, path);
    }
    const either =
        "an administrator of the project, or a system administrator where it is one of all of Harbor";
    assert.deepEqual([takes("/labels?scope=g"), takes("/robots/7")], [either, either]);
});

test("names the setting that decides who may create projects", () => {
    assert.equal(
        takes("/projects"),
        `a system administrator, unless Harbor's setting project_creation_restriction is "everyone"`,
    );
});
