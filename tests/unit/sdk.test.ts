import assert from "node:assert/strict";
import { test } from "node:test";
import * as harbor from "@pulumi/harbor";
import * as exported from "../../src/sdk";

test("exports the classes and functions of @pulumi/harbor themselves", () => {
    const names = Object.keys(harbor).sort();
    assert.ok(names.includes("Project") && names.includes("getProject"));
    assert.deepEqual(Object.keys(exported).sort(), names);
    assert.equal(exported.Project, harbor.Project);
    assert.equal(exported.RobotAccount, harbor.RobotAccount);
    assert.equal(exported.types, harbor.types);
});
