import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { createProject } from "../../../src/harbor/project";
import { answer } from "../../support/faultyProxy";
import { driftOf, importDiff, type Made, make } from "../../support/lifecycle";
import { type ProviderBench, startProviderBench } from "../../support/providerBench";

const memberType = "harbor:index/projectMemberGroup:ProjectMemberGroup";
const groupType = "harbor:index/group:Group";
const dn = "cn=devs,ou=groups,dc=example,dc=com";

// The sandbox has no LDAP, so the proxy answers for a group as Harbor does for a group from LDAP:
// it keeps distinguished names trimmed and in lower case (src/pkg/usergroup/manager.go), and calls
// a group as LDAP does unless that name is taken.
describe("groups from LDAP (fault 21: orphans, and a replacement for ever)", () => {
    let bench: ProviderBench;
    let projectId: string;
    let groupId: number;
    before(async () => {
        bench = await startProviderBench();
        const client = bench.harbor.client();
        projectId = `/projects/${(await createProject(client, { name: "team" })).value}`;
        const { location } = await client.post("/usergroups", {
            group_name: "devs",
            group_type: 3,
        });
        groupId = Number(location?.split("/").pop());
    });
    after(() => bench.close());

    const asLdap = () =>
        JSON.stringify({ id: groupId, group_name: "devs", group_type: 1, ldap_group_dn: dn });
    const answersOnceAs = (path: string, body: string) =>
        bench.proxy.inject({
            method: "GET",
            path,
            act: answer(200, body, { "content-type": "application/json" }),
        });
    const bodiesSent = (path: string): unknown[] =>
        bench.proxy.passed
            .splice(0)
            .filter((request) => request.method === "POST" && request.path.endsWith(path))
            .map(({ body }) => JSON.parse(body));

    test("makes a group a member by its number after Harbor created the group and then failed", async () => {
        const failed = '{"errors":[{"code":"UNKNOWN","message":"internal server error"}]}';
        bench.proxy.inject({ method: "POST", path: "/members", act: answer(500, failed) });
        answersOnceAs("/usergroups?ldap_group_dn=", `[${asLdap()}]`);
        bench.proxy.passed.length = 0;
        const ldapGroupDn = ` ${dn.toUpperCase()} `;
        const inputs = { projectId, role: "guest", type: "ldap", groupName: "Devs", ldapGroupDn };
        const made = await make(bench, memberType, inputs);
        const member = { group_name: "Devs", group_type: 1, ldap_group_dn: dn };
        assert.deepEqual(bodiesSent("/members"), [
            { role_id: 3, member_group: member },
            { role_id: 3, member_group: { id: groupId, ...member } },
        ]);
        await driftsNowhere(made);
        await bench.plugin.delete(memberType, made.id, made.outputs, made.inputs);
    });

    async function driftsNowhere(made: Made): Promise<void> {
        for (let refresh = 1; refresh <= 2; refresh++) {
            answersOnceAs(`/usergroups/${groupId}`, asLdap());
            assert.deepEqual(await driftOf(bench, memberType, made), {});
        }
    }

    test("keeps the distinguished name of a group when Harbor returns another name", async () => {
        const byId = await make(bench, memberType, {
            projectId,
            role: "guest",
            type: "ldap",
            groupId,
        });
        const inputs = { projectId, role: "guest", type: "ldap", groupName: dn };
        await driftsNowhere({ ...byId, inputs, outputs: { ...byId.outputs, ...inputs } });
        answersOnceAs(`/usergroups/${groupId}`, asLdap());
        const given = { projectId, role: "guest", type: "ldap", ldapGroupDn: dn.toUpperCase() };
        assert.deepEqual(await importDiff(bench, memberType, byId.id, given), {
            id: byId.id,
            detailed: {},
        });
        await bench.plugin.delete(memberType, byId.id, byId.outputs);
    });

    test("finds a group whose distinguished name is in upper case", async () => {
        const olds = { groupName: "devs", groupType: 1, ldapGroupDn: dn };
        const same = await bench.plugin.diff(groupType, olds, {
            ...olds,
            ldapGroupDn: `${dn.toUpperCase()} `,
        });
        assert.deepEqual(same.detailed, {});
        const other = await bench.plugin.diff(groupType, olds, {
            ...olds,
            ldapGroupDn: `cn=ops,${dn}`,
        });
        assert.deepEqual(other.detailed, { ldapGroupDn: "UPDATE_REPLACE" });
    });
});

describe("groups, for users who are not system administrators", () => {
    let bench: ProviderBench;
    before(async () => {
        bench = await startProviderBench();
    });
    after(() => bench.close());

    test("imports a membership with its kind, which the member does not contain", async () => {
        const client = bench.harbor.client();
        await client.post("/usergroups", { group_name: "ops", group_type: 3 });
        await bench.becomeUser("alice");
        const project = await make(bench, "harbor:index/project:Project", { name: "hers" });
        const inputs = { projectId: project.id, role: "guest", type: "oidc", groupName: "ops" };
        const { id } = await make(bench, memberType, inputs);
        assert.deepEqual(await importDiff(bench, memberType, id, inputs), { id, detailed: {} });
    });

    test("does not report an invisible group as deleted", async () => {
        const client = bench.harbor.client();
        const { location } = await client.post("/usergroups", { group_name: "qa", group_type: 3 });
        const id = `/usergroups/${location?.split("/").pop()}`;
        const kept = { groupName: "qa", groupType: 3 };
        await bench.becomeUser("bob");
        await assert.rejects(bench.plugin.read(groupType, id, kept, kept), {
            message:
                /^Harbor answered 403 FORBIDDEN: bob .* right to do this: it needs a system administrator$/,
        });
    });
});
