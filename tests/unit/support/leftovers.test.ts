import assert from "node:assert/strict";
import { test } from "node:test";
import { deleteLeftovers } from "../../support/leftovers";
import { askApi, listApi, type RegistryAccess } from "../../support/registry";
import { startSandboxHarbor } from "../../support/sandboxHarbor";

const names = async (access: RegistryAccess, path: string, key: string) =>
    (await listApi<Record<string, string>>(access, path)).map((item) => item[key]).sort();

async function create(access: RegistryAccess, path: string, body: object): Promise<void> {
    const { status, json } = await askApi(access, path, { method: "POST", body });
    assert.equal(status, 201, JSON.stringify(json));
}

const everything = [{ kind: "doublestar", decoration: "repoMatches", pattern: "**" }];
const rule = {
    action: "immutable",
    template: "immutable_template",
    tag_selectors: [{ kind: "doublestar", decoration: "matches", pattern: "**" }],
    scope_selectors: { repository: everything },
};

test("deletes projects and users with a name of the tests, their rules first, and nothing else", async () => {
    const harbor = await startSandboxHarbor();
    const admin = { url: harbor.url, username: "admin", password: harbor.adminPassword };
    const password = "Passw0rd-1";
    for (const username of ["ours-1-alice", "theirs-bob"]) {
        const email = `${username}@example.com`;
        await create(admin, "/users", { username, password, email, realname: username });
    }
    for (const project_name of ["ours-1", "ours-1-cache", "ours-2", "theirs"]) {
        await create(admin, "/projects", { project_name });
    }
    await create(admin, "/projects/ours-1/immutabletagrules", rule);

    await deleteLeftovers(admin, ["ours-1"]);
    assert.deepEqual(await names(admin, "/projects", "name"), ["library", "ours-2", "theirs"]);
    assert.deepEqual(await names(admin, "/users", "username"), ["theirs-bob"]);

    const bob = { ...admin, username: "theirs-bob", password };
    await create(bob, "/projects", { project_name: "ours-3" });
    await deleteLeftovers(bob, ["ours-3"]);
    assert.deepEqual(await names(admin, "/projects", "name"), ["library", "ours-2", "theirs"]);
});
