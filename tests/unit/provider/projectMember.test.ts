import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { createProject } from "../../../src/harbor/project";
import { updateMember } from "../../../src/provider/harbor/member";
import { change, driftOf, importDiff, make, removeTwice } from "../../support/lifecycle";
import { type ProviderBench, startProviderBench } from "../../support/providerBench";

const userType = "harbor:index/projectMemberUser:ProjectMemberUser";
const groupType = "harbor:index/projectMemberGroup:ProjectMemberGroup";

describe("members of a project", () => {
    let bench: ProviderBench;
    let number: number;
    let projectId: string;
    let groupId: number;
    before(async () => {
        bench = await startProviderBench();
        const client = bench.harbor.client();
        number = (await createProject(client, { name: "team" })).value;
        projectId = `/projects/${number}`;
        for (const username of ["alice", "bob", "carol", "dora"]) {
            await client.post("/users", {
                username,
                email: `${username}@example.com`,
                realname: username,
                password: "Passw0rd1",
            });
        }
        const group = await client.post("/usergroups", { group_name: "devs", group_type: 3 });
        groupId = Number(group.location?.split("/").pop());
    });
    after(() => bench.close());

    test("makes a user a member and sets the number (fault 11: memberId never set)", async () => {
        const made = await make(bench, userType, {
            projectId,
            userName: "alice",
            role: "developer",
        });
        const memberId = Number(made.id.replace(`${projectId}/members/`, ""));
        assert.deepEqual(made.outputs, {
            projectId,
            userName: "alice",
            role: "developer",
            memberId,
            projectMemberUserId: made.id,
        });
        assert.deepEqual(await driftOf(bench, userType, made), {});
    });

    test("sees and reverts a role changed in Harbor", async () => {
        const inputs = { projectId, userName: "bob", role: "guest" };
        const made = await make(bench, userType, inputs);
        await updateMember(bench.harbor.client(), number, Number(made.outputs["memberId"]), 4);
        assert.deepEqual(await driftOf(bench, userType, made), { role: "UPDATE" });
        const mended = await change(bench, userType, made, inputs);
        assert.deepEqual(await driftOf(bench, userType, mended), {});
    });

    test("fails to update a missing member (fault 11: success reported)", async () => {
        const made = await make(bench, userType, { projectId, userName: "carol", role: "guest" });
        await bench.harbor
            .client()
            .delete(`/projects/${number}/members/${made.outputs["memberId"]}`);
        await assert.rejects(
            change(bench, userType, made, { projectId, userName: "carol", role: "developer" }),
            { message: /^membership \/projects\/\d+\/members\/\d+ no longer exists/ },
        );
        await removeTwice(bench, userType, made);
    });

    test("imports without a diff, also by a bare project number (fault 7), with roles in any case", async () => {
        const inputs = { projectId: String(number), userName: "dora", role: "limitedGuest" };
        const { id } = await make(bench, userType, inputs);
        assert.deepEqual(await importDiff(bench, userType, id, inputs), { id, detailed: {} });
    });

    test("rejects an invalid role, which Harbor accepts in updates", async () => {
        const { failures } = await bench.plugin.check(userType, {
            projectId,
            userName: "x",
            role: "develper",
        });
        assert.deepEqual(failures, {
            role: '"develper" is not a role; expected one of projectadmin, developer, guest, maintainer, limitedguest; did you mean "developer"?',
        });
    });

    test("names the property of a user that Harbor does not know", async () => {
        await assert.rejects(
            make(bench, userType, { projectId, userName: "nobody", role: "guest" }),
            {
                message: "userName: user nobody is not found",
            },
        );
    });

    test("names the import command for an existing member", async () => {
        await assert.rejects(
            make(bench, userType, { projectId, userName: "admin", role: "guest" }),
            {
                message:
                    /^userName: "admin" is a member of \/projects\/\d+ already\. To manage the membership here, import it/,
            },
        );
    });

    test("replaces the membership for another user", async () => {
        const olds = { projectId, userName: "alice", role: "guest" };
        const diff = await bench.plugin.diff(userType, olds, { ...olds, userName: "bob" });
        assert.deepEqual(diff.detailed, { userName: "UPDATE_REPLACE" });
    });

    test("makes a group a member by name, and imports it by name or number without a diff", async () => {
        const byName = { projectId, groupName: "devs", type: "oidc", role: "maintainer" };
        const made = await make(bench, groupType, byName);
        assert.deepEqual(await driftOf(bench, groupType, made), {});
        const byId = { projectId, groupId, type: "OIDC", role: "maintainer" };
        assert.deepEqual(await importDiff(bench, groupType, made.id, byName), {
            id: made.id,
            detailed: {},
        });
        assert.deepEqual(await importDiff(bench, groupType, made.id, byId), {
            id: made.id,
            detailed: {},
        });
        await removeTwice(bench, groupType, made);
    });

    test("requires a name or a number for a group", async () => {
        const { failures } = await bench.plugin.check(groupType, {
            projectId,
            type: "oidc",
            role: "guest",
        });
        assert.deepEqual(failures, { groupName: "is missing: give groupName or groupId" });
    });
});
