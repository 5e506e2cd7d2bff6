import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { createProject } from "../../../src/harbor/project";
import { createRobot } from "../../../src/harbor/robot";
import { answer } from "../../support/faultyProxy";
import { uniqueName } from "../../support/lab";
import { type ProviderBench, startProviderBench } from "../../support/providerBench";

// Of this run alone, since a Harbor that is given has others' projects, users and groups.
const shopName = uniqueName("shop");
const twoName = `${shopName}-two`;
const userName = uniqueName("alice");
const groupName = uniqueName("devs");
const registryName = uniqueName("mirror");

const token = (name: string) => `harbor:index/${name}:${name}`;

describe("functions", () => {
    let bench: ProviderBench;
    let shop: number;
    before(async () => {
        bench = await startProviderBench();
        const client = bench.harbor.client();
        shop = (await createProject(client, { name: shopName, autoScan: true })).value;
        await createProject(client, { name: twoName, public: true });
        for (const [name, namespace] of [
            ["ci", shopName],
            ["cd", twoName],
        ] as const) {
            const access = [{ resource: "repository", action: "pull" }];
            await createRobot(client, {
                name,
                level: "project",
                duration: -1,
                permissions: [{ kind: "project", namespace, access }],
            });
        }
    });
    after(() => bench.close());

    async function invoke(name: string, args: object) {
        const { result, failures } = await bench.plugin.invoke(token(name), { ...args });
        assert.deepEqual(failures, {});
        return result;
    }

    test("returns every output of getProject, also where Harbor has no scanner (fault 16: end of JSON input)", async () => {
        assert.deepEqual(await invoke("getProject", { name: shopName }), {
            id: `/projects/${shop}`,
            name: shopName,
            projectId: shop,
            public: false,
            type: "Project",
            vulnerabilityScanner: "",
            vulnerabilityScanning: true,
        });
    });

    test("fails for a missing project or registry (fault 16: an empty object)", async () => {
        await assert.rejects(invoke("getProject", { name: "none" }), {
            message: 'name: Harbor has no project "none"',
        });
        await assert.rejects(invoke("getRegistry", { name: "none" }), {
            message: 'name: Harbor has no registry "none"',
        });
    });

    test("returns a registry's id from getRegistry (fault 16: /projects/N)", async () => {
        const { location } = await bench.harbor.client().post("/registries", {
            name: registryName,
            type: "harbor",
            url: bench.harbor.url,
            insecure: true,
        });
        const number = Number(location?.split("/").pop());
        const found = await invoke("getRegistry", { name: registryName });
        assert.deepEqual([found["id"], found["registryId"]], [`/registries/${number}`, number]);
    });

    test("matches names exactly in getProjects, and filters", async () => {
        const names = async (args: object) => {
            const { projects } = await invoke("getProjects", args);
            return (projects as { name: string }[])
                .map((item) => item.name)
                .filter((name) => name.startsWith(shopName))
                .sort();
        };
        assert.deepEqual(await names({ name: shopName }), [shopName]);
        assert.deepEqual(await names({}), [shopName, twoName]);
        assert.deepEqual(await names({ public: true }), [twoName]);
        assert.deepEqual(await names({ vulnerabilityScanning: true }), [shopName]);
        assert.deepEqual(await names({ type: "ProxyCache" }), []);
    });

    test("lists robot accounts of every project without a project id (fault 16)", async () => {
        const names = async (args: object) => {
            const { robotAccounts } = await invoke("getRobotAccounts", args);
            return (robotAccounts as { name: string }[])
                .map((item) => item.name)
                .filter((name) => name.startsWith(`robot$${shopName}`))
                .sort();
        };
        const [ci, cd] = [`robot$${shopName}+ci`, `robot$${twoName}+cd`];
        assert.deepEqual(await names({ level: "project" }), [ci, cd]);
        assert.deepEqual(await names({ projectId: shop }), [ci]);
        assert.deepEqual(await names({ level: "project", name: "cd" }), [cd]);
        assert.deepEqual(await names({}), []);
    });

    test("lists a project's members in getProjectMemberUsers and getProjectMemberGroups", async () => {
        const projectId = `/projects/${shop}`;
        const { projectMemberUsers } = await invoke("getProjectMemberUsers", { projectId });
        const [member] = projectMemberUsers as Record<string, unknown>[];
        assert.deepEqual(
            [member?.["userName"], member?.["role"]],
            [bench.login.username, "projectadmin"],
        );
        const { projectMemberGroups } = await invoke("getProjectMemberGroups", { projectId });
        assert.deepEqual(projectMemberGroups, []);
    });

    test("finds users by name in getUsers; Harbor lists the first administrator nowhere", async () => {
        const email = `${userName}@example.com`;
        const alice = { username: userName, email, realname: "Alice" };
        const password = "Passw0rd1";
        const { location } = await bench.harbor.client().post("/users", { ...alice, password });
        assert.deepEqual(await invoke("getUsers", { username: userName }), {
            username: userName,
            id: "harbor-users",
            users: [
                {
                    id: `/users/${location?.split("/").pop()}`,
                    username: userName,
                    fullName: "Alice",
                    email,
                    comment: "",
                    admin: false,
                },
            ],
        });
    });

    test("lists groups in getGroups", async () => {
        await bench.harbor.client().post("/usergroups", { group_name: groupName, group_type: 3 });
        const { groups } = await invoke("getGroups", {});
        const group = (groups as Record<string, unknown>[]).find(
            (one) => one["groupName"] === groupName,
        );
        assert.equal(group?.["groupType"], 3);
    });

    test("reports a missing artifact in getArtifact without an error", async () => {
        const where = { project: shopName, repository: "fm/app", reference: "1.0" };
        assert.deepEqual(await invoke("getArtifact", where), {
            ...where,
            exists: false,
            blocked: false,
        });
    });

    test("reports an artifact in getArtifact, and whether Harbor lets clients pull it", async () => {
        const artifact = {
            digest: "sha256:abc",
            type: "IMAGE",
            manifest_media_type: "application/vnd.oci.image.manifest.v1+json",
            size: 842,
            push_time: "2026-11-24T07:17:06.689Z",
            pull_time: "0001-01-01T00:00:00.000Z",
            tags: [{ name: "1.0" }],
            accessories: null,
            addition_links: {},
        };
        bench.proxy.inject({
            method: "GET",
            path: "/repositories/fm%252Fapp/artifacts/1.0",
            act: answer(200, JSON.stringify(artifact), { "content-type": "application/json" }),
        });
        const where = { project: shopName, repository: "fm/app", reference: "1.0" };
        assert.deepEqual(await invoke("getArtifact", where), {
            ...where,
            exists: true,
            digest: "sha256:abc",
            type: "IMAGE",
            mediaType: "application/vnd.oci.image.manifest.v1+json",
            size: 842,
            pushTime: "2026-11-24T07:17:06.689Z",
            tags: ["1.0"],
            blocked: false,
        });
    });

    test("rejects invalid arguments by property", async () => {
        const { failures } = await bench.plugin.invoke(token("getArtifact"), {
            project: "Shop",
            repository: "",
        });
        assert.deepEqual(Object.keys(failures).sort(), ["project", "reference", "repository"]);
    });
});
