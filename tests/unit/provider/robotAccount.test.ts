import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { createProject } from "../../../src/harbor/project";
import { createRobot, getRobot, listRobots } from "../../../src/harbor/robot";
import { answer } from "../../support/faultyProxy";
import { PluginClient, secret, unknown } from "../../support/pluginClient";
import { type ProviderBench, startProviderBench } from "../../support/providerBench";

const type = "harbor:index/robotAccount:RobotAccount";
const pull = { resource: "repository", action: "pull" };
const push = { resource: "repository", action: "push" };

function inProject(name: string, extra: object = {}) {
    const permissions = [{ kind: "project", namespace: "shop", accesses: [pull, push] }];
    return { name, level: "project", permissions, ...extra };
}

describe("RobotAccount", () => {
    let bench: ProviderBench;
    let projectId: number;
    before(async () => {
        bench = await startProviderBench();
        projectId = (await createProject(bench.harbor.client(), { name: "shop" })).value;
    });
    after(() => bench.close());

    const robots = () => listRobots(bench.harbor.client(), { projectId });
    const logsIn = async (username: unknown, password: unknown) => {
        const client = bench.harbor.client({
            username: String(username),
            password: String(password),
        });
        return client.get("/projects/shop").then(
            () => true,
            (error: { status?: number }) => error.status === 403,
        );
    };

    test("returns a full name, a number and a working secret, in one request", async () => {
        bench.takeRequests();
        const { id, outputs } = await bench.plugin.create(type, inProject("ci"));
        assert.deepEqual(bench.takeRequests(), ["GET /users/current", "POST /robots"]);
        const value = (outputs["secret"] as { value: string }).value;
        assert.deepEqual(outputs, {
            ...inProject("ci"),
            disable: false,
            duration: -1,
            fullName: "robot$shop+ci",
            robotId: id.replace("/robots/", ""),
            robotAccountId: id,
            secret: secret(value),
        });
        assert.match(value, /^.{20,}$/);
        assert.equal(await logsIn("robot$shop+ci", value), true);
    });

    test("names the account with the same description that an interrupted run left", async (t) => {
        const warned: string[] = [];
        t.mock.method(process.stderr, "write", (text: string) => warned.push(text) > 0);
        const description = "Pushes images";
        const access = [pull, push];
        await createRobot(bench.harbor.client(), {
            name: "push-1111111",
            level: "project",
            description,
            duration: -1,
            permissions: [{ kind: "project", namespace: "shop", access }],
        });
        await bench.plugin.create(type, inProject("push-2222222", { description }));
        assert.deepEqual(warned, [
            'warning: the description of robot account "robot$shop+push-2222222", "Pushes images", is also that of "robot$shop+push-1111111". If this run does not delete these accounts, an interrupted run probably left them; delete them in Harbor\n',
        ]);
    });

    test("does not name the account that a replacement deletes later in the run", async (t) => {
        const warned: string[] = [];
        t.mock.method(process.stderr, "write", (text: string) => warned.push(text) > 0);
        const inputs = inProject("mirror-1", { description: "Mirrors images" });
        const { id, outputs } = await bench.plugin.create(type, inputs);
        const news = { ...inputs, name: "mirror-2" };
        const plugin = await PluginClient.start({}, "127.0.0.1:1");
        t.after(() => plugin.close());
        await plugin.configure({ ...bench.login });
        await plugin.check(type, news, { olds: inputs });
        await plugin.diff(type, outputs, news, inputs, id);
        await plugin.create(type, news);
        assert.deepEqual(warned, []);
    });

    test("names the read-only mode of Harbor instead of a missing right", async () => {
        const message = "The system is in read only mode. Any modification is prohibited.";
        const body = JSON.stringify({ errors: [{ code: "DENIED", message }] });
        bench.proxy.inject({ method: "POST", path: "/robots", act: answer(403, body) });
        await assert.rejects(bench.plugin.create(type, inProject("late")), {
            message:
                /DENIED: The system is in read only mode\. Any modification is prohibited\. \(POST \S+\)\. A system administrator can end this mode: in Harbor under Administration, Configuration, System Settings, "Repository Read Only"/,
        });
    });

    test("sets a given secret, although Harbor ignores it in the creation", async () => {
        const inputs = inProject("chosen", { secret: secret("ChosenSecret1") });
        const { outputs } = await bench.plugin.create(type, inputs);
        assert.deepEqual(outputs["secret"], secret("ChosenSecret1"));
        assert.equal(await logsIn("robot$shop+chosen", "ChosenSecret1"), true);
    });

    test("applies disable: true from the creation on (fault 5)", async () => {
        const inputs = inProject("off", { disable: true });
        const { id, outputs } = await bench.plugin.create(type, inputs);
        const robot = await getRobot(bench.harbor.client(), Number(id.replace("/robots/", "")));
        assert.equal(robot?.disabled, true);
        const read = await bench.plugin.read(type, id, outputs, inputs);
        assert.deepEqual((await bench.plugin.diff(type, read.outputs, inputs)).detailed, {});
    });

    test("rejects a weak secret before it creates anything (fault 4)", async () => {
        const { failures } = await bench.plugin.check(type, inProject("weak", { secret: "short" }));
        // Named in the reason only: the engine would print the value of the property.
        assert.deepEqual(failures, {
            "": "secret: is too weak for Harbor: 8 to 128 characters with at least one upper-case letter, one lower-case letter and one digit (the value is not shown)",
        });
    });

    test("leaves no robot account behind after Harbor refuses its secret (fault 4)", async () => {
        const refusal = '{"errors":[{"code":"BAD_REQUEST","message":"no such secret"}]}';
        bench.proxy.inject({ method: "PATCH", path: "/robots/", act: answer(400, refusal) });
        const inputs = inProject("halfway", { secret: "ChosenSecret1" });
        await assert.rejects(bench.plugin.create(type, inputs), (error: Error) => {
            assert.match(
                error.message,
                /^robot account "robot\$shop\+halfway" was created and, because Harbor answered 400 BAD_REQUEST: no such secret .* deleted again$/,
            );
            return true;
        });
        const names = (await robots()).map((robot) => robot.fullName);
        assert.equal(names.includes("robot$shop+halfway"), false);
    });

    test("compares permissions and accesses as sets", async () => {
        const read = { kind: "project", namespace: "shop", accesses: [pull] };
        const all = { kind: "project", namespace: "*", accesses: [push, pull] };
        const olds = { name: "s", level: "system", permissions: [read, all] };
        const reordered = [{ ...all, accesses: [pull, push, pull] }, read];
        const same = await bench.plugin.diff(type, olds, { ...olds, permissions: reordered });
        assert.deepEqual(same.detailed, {});
        const fewer = await bench.plugin.diff(type, olds, { ...olds, permissions: [read] });
        assert.deepEqual(fewer.detailed, { permissions: "UPDATE" });
    });

    test("treats effect allow like none", async () => {
        const allowed = { ...pull, effect: "allow" };
        const olds = inProject("e", {
            permissions: [{ kind: "project", namespace: "shop", accesses: [pull] }],
        });
        const news = inProject("e", {
            permissions: [{ kind: "project", namespace: "shop", accesses: [allowed] }],
        });
        assert.deepEqual((await bench.plugin.diff(type, olds, news)).detailed, {});
    });

    test("replaces a robot account for another project, because Harbor cannot move it", async () => {
        const olds = inProject("mover");
        const permissions = [{ kind: "project", namespace: "other", accesses: [pull, push] }];
        const diff = await bench.plugin.diff(type, olds, { ...olds, permissions });
        assert.deepEqual(diff.replaces, ["permissions"]);
        assert.deepEqual(diff.detailed, { permissions: "UPDATE_REPLACE" });
        assert.equal(diff.deleteBeforeReplace, false);
    });

    test("sends secretWo when its version changes, and puts it into no output", async () => {
        const inputs = inProject("wo", { secretWo: "WriteOnly1", secretWoVersion: 1 });
        const { id, outputs } = await bench.plugin.create(type, inputs);
        assert.equal("secretWo" in outputs, false);
        assert.deepEqual(outputs["secret"], secret(""));
        assert.equal(await logsIn("robot$shop+wo", "WriteOnly1"), true);
        const other = { ...inputs, secretWo: "WriteOnly2" };
        assert.deepEqual((await bench.plugin.diff(type, outputs, other)).detailed, {});
        const next = { ...other, secretWoVersion: 2 };
        assert.deepEqual((await bench.plugin.diff(type, outputs, next)).detailed, {
            secretWoVersion: "UPDATE",
        });
        await bench.plugin.update(type, id, outputs, next);
        assert.equal(await logsIn("robot$shop+wo", "WriteOnly2"), true);
    });

    test("keeps a secret that is left out, in updates and refreshes", async () => {
        const { id, outputs } = await bench.plugin.create(type, inProject("keep"));
        const inputs = inProject("keep", { description: "changed" });
        const updated = await bench.plugin.update(type, id, outputs, inputs);
        assert.deepEqual(updated["secret"], outputs["secret"]);
        const read = await bench.plugin.read(type, id, updated, inputs);
        assert.deepEqual(read.outputs["secret"], outputs["secret"]);
        assert.deepEqual((await bench.plugin.diff(type, read.outputs, inputs)).detailed, {});
    });

    test("ends an import by id, number or full name in the canonical id without a diff", async () => {
        const inputs = inProject("imported", { description: "d", duration: 30 });
        const { id } = await bench.plugin.create(type, inputs);
        for (const form of [id, id.replace("/robots/", ""), "robot$shop+imported"]) {
            const read = await bench.plugin.read(type, form);
            assert.equal(read.id, id);
            assert.deepEqual((await bench.plugin.diff(type, read.outputs, inputs)).detailed, {});
        }
    });

    test("names the two ways out when the account exists, and both work", async () => {
        const { id, outputs } = await bench.plugin.create(type, inProject("twice"));
        await assert.rejects(bench.plugin.create(type, inProject("twice")), {
            message:
                'name: robot account "twice" already exists in project "shop". An interrupted run may have created it. Fix: delete it in Harbor and run the command again. To keep it, import it: `pulumi import harbor:index/robotAccount:RobotAccount NAME /robots/ID`, with its number in Harbor for ID, and set `secret`, because Harbor does not return the account\'s secret',
        });
        const read = await bench.plugin.read(type, id);
        assert.equal(read.outputs["secret"], undefined);
        const inputs = inProject("twice", { secret: secret("ChosenSecret1") });
        const diff = await bench.plugin.diff(type, read.outputs, inputs);
        assert.deepEqual(diff.detailed, { secret: "ADD" });
        const updated = await bench.plugin.update(type, id, read.outputs, inputs);
        assert.deepEqual(updated["secret"], secret("ChosenSecret1"));
        assert.equal(await logsIn("robot$shop+twice", "ChosenSecret1"), true);
        await bench.plugin.delete(type, id, outputs);
        const again = await bench.plugin.create(type, inProject("twice"));
        assert.equal(again.outputs["fullName"], "robot$shop+twice");
    });

    test("drops an account that was deleted in Harbor at the next refresh, and deletes it again without an error (fault 13)", async () => {
        const { id, outputs } = await bench.plugin.create(type, inProject("gone"));
        await bench.plugin.delete(type, id, outputs);
        await bench.plugin.delete(type, id, outputs);
        assert.equal((await bench.plugin.read(type, id, outputs, inProject("gone"))).id, "");
    });

    test("rejects everything that Harbor's rules forbid together, by property", async () => {
        const { failures } = await bench.plugin.check(type, {
            name: "Bad Name",
            level: "project",
            duration: 0,
            permissions: [
                {
                    kind: "project",
                    namespace: "/projects/1",
                    accesses: [{ resource: "repositry", action: "pull" }],
                },
                {
                    kind: "system",
                    namespace: "/",
                    accesses: [{ resource: "project", action: "delete" }],
                },
            ],
        });
        assert.deepEqual(failures, {
            name: '"Bad Name" is not valid in Harbor: lower-case letters and digits, with single ".", "_" or "-" between them',
            duration:
                "0 is not a duration; expected whole days from 1 to 2147483646, or -1 (never expires)",
            permissions:
                'has 2 permissions; expected exactly one at level "project"; level "system" takes several',
            "permissions[0].namespace":
                '"/projects/1" is a project\'s id; expected its name: pass project.name',
            "permissions[0].accesses[0].resource":
                'kind "project" has no resource "repositry"; did you mean "repository"?',
            "permissions[1].kind": '"system" needs level "system", and level is "project"',
            "permissions[1].accesses[0].action":
                '"delete" is not an action of "project" in kind "system"; expected one of list, create',
        });
    });

    test("accepts an unknown namespace in a preview", async () => {
        const permissions = [{ kind: "project", namespace: unknown, accesses: [pull] }];
        const inputs = { name: "later", level: "project", permissions };
        const checked = await bench.plugin.check(type, inputs);
        assert.deepEqual(checked.failures, {});
        const { outputs } = await bench.plugin.create(type, checked.inputs, { preview: true });
        assert.equal(outputs["fullName"], unknown);
        assert.deepEqual(outputs["secret"], secret(unknown));
    });
});
