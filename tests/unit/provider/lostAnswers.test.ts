import assert from "node:assert/strict";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { after, before, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { createProject } from "../../../src/harbor/project";
import { answer, type Fault, reset } from "../../support/faultyProxy";
import { driftOf, make } from "../../support/lifecycle";
import type { Wire } from "../../support/pluginClient";
import { type ProviderBench, startProviderBench } from "../../support/providerBench";

const faults: Readonly<Record<string, Pick<Fault, "act" | "afterwards">>> = {
    "a connection that breaks before Harbor sees it": { act: reset },
    "a connection that breaks after Harbor did it": { act: reset, afterwards: true },
    "a 504 after Harbor did it": {
        act: answer(504, "<html>Gateway Time-out</html>"),
        afterwards: true,
    },
    "a 502 in the form of Harbor's errors after Harbor did it": {
        act: answer(502, '{"errors":[{"code":"BAD_GATEWAY","message":"upstream failed"}]}'),
        afterwards: true,
    },
    "a 201 without Location": { act: answer(201), afterwards: true },
    "truncated JSON after Harbor did it": { act: answer(201, '{"id": 1'), afterwards: true },
    "a 429 before": { act: answer(429, "", { "retry-after": "0" }) },
};

describe("a creation whose answer is lost", () => {
    let bench: ProviderBench;
    let upstream: Server;
    let endpointUrl: string;
    let hubId: number;
    let count = 0;
    before(async () => {
        bench = await startProviderBench();
        upstream = createServer((_, response) => response.end("{}"));
        await new Promise<void>((resolve) => upstream.listen(0, "127.0.0.1", resolve));
        const { port } = upstream.address() as AddressInfo; // a TCP server that listens has a port
        endpointUrl = `http://127.0.0.1:${port}`;
    });
    after(async () => {
        upstream.close();
        await bench.close();
    });

    interface Target {
        readonly type: string;
        /** Where it is posted to. */
        readonly path: string;
        readonly inputs: (project: string, projectId: string) => Wire;
        /** Whether a lookup finds it by its name, and so may find one that somebody else created. */
        readonly named?: boolean;
    }
    const accesses = [{ resource: "repository", action: "pull" }];
    const targets: readonly Target[] = [
        {
            type: "project:Project",
            named: true,
            path: "/projects",
            inputs: (project) => ({ name: `${project}-x` }),
        },
        {
            type: "robotAccount:RobotAccount",
            named: true,
            path: "/robots",
            inputs: (project) => ({
                name: "ci",
                level: "project",
                permissions: [{ kind: "project", namespace: project, accesses }],
            }),
        },
        {
            type: "robotAccount:RobotAccount",
            named: true,
            path: "/robots",
            inputs: (project) => ({
                name: `${project}-sys`,
                level: "system",
                permissions: [{ kind: "project", namespace: "*", accesses }],
            }),
        },
        {
            type: "retentionPolicy:RetentionPolicy",
            path: "/retentions",
            inputs: (_, scope) => ({
                scope,
                rules: [{ alwaysRetain: true, repoMatching: "**", tagMatching: "**" }],
            }),
        },
        {
            type: "immutableTagRule:ImmutableTagRule",
            path: "/immutabletagrules",
            inputs: (_, projectId) => ({ projectId, repoMatching: "**", tagMatching: "**" }),
        },
        {
            type: "label:Label",
            named: true,
            path: "/labels",
            inputs: (_, projectId) => ({ projectId, name: "l" }),
        },
        {
            type: "projectWebhook:ProjectWebhook",
            named: true,
            path: "/webhook/policies",
            inputs: (_, projectId) => ({
                projectId,
                name: "w",
                notifyType: "http",
                address: "http://127.0.0.1:1/",
                eventsTypes: ["PUSH_ARTIFACT"],
            }),
        },
        {
            type: "registry:Registry",
            named: true,
            path: "/registries",
            inputs: (project) => ({
                name: `${project}-reg`,
                providerName: "docker-registry",
                endpointUrl,
            }),
        },
        {
            type: "replication:Replication",
            named: true,
            path: "/replication/policies",
            inputs: (project) => ({
                name: `${project}-rep`,
                action: "pull",
                registryId: hubId,
            }),
        },
        {
            type: "user:User",
            named: true,
            path: "/users",
            inputs: (project) => ({
                username: `${project}-user`,
                email: `${project}@example.com`,
                fullName: "U",
                password: "Passw0rd1",
            }),
        },
        {
            type: "projectMemberUser:ProjectMemberUser",
            path: "/members",
            inputs: (_, projectId) => ({ projectId, userName: "mallory", role: "guest" }),
        },
    ];

    before(async () => {
        const mallory = { username: "mallory", email: "m@example.com", realname: "M" };
        await bench.harbor.client().post("/users", { ...mallory, password: "Passw0rd1" });
        const hub = { name: "hub", providerName: "docker-registry", endpointUrl };
        const { id } = await make(bench, "harbor:index/registry:Registry", hub);
        hubId = Number(id.split("/").pop());
    });

    for (const { type, path, inputs } of targets) {
        for (const [name, fault] of Object.entries(faults)) {
            test(`creates ${type} once although ${name}`, async () => {
                const project = `p${++count}`;
                const { value } = await createProject(bench.harbor.client(), { name: project });
                bench.proxy.inject({ method: "POST", path, ...fault });
                const token = `harbor:index/${type}`;
                const made = await make(bench, token, inputs(project, `/projects/${value}`));
                assert.deepEqual(await driftOf(bench, token, made), {});
            });
        }
    }

    test("is reported when Harbor confirmed it, and has nothing", async () => {
        bench.proxy.inject({ method: "POST", path: "/projects", act: answer(201) });
        const project = "harbor:index/project:Project";
        await assert.rejects(bench.plugin.create(project, { name: "nowhere" }), ({ message }) => {
            assert.match(
                message,
                /^Harbor reported the creation, but the resource does not exist \(GET http.*\/api\/v2\.0\/projects/,
            );
            return true;
        });
    });

    for (const minutes of [-10, 0, 10]) {
        test(`takes over only what it created itself while Harbor's clock is ${minutes} minutes off`, async () => {
            bench.proxy.shiftClock(minutes * 60_000);
            const taken: string[] = [];
            try {
                const project = `p${++count}`;
                const { value } = await createProject(bench.harbor.client(), { name: project });
                const create = ({ type, inputs }: Target) =>
                    make(bench, `harbor:index/${type}`, inputs(project, `/projects/${value}`));
                const named = targets.filter((one) => one.named);
                for (const target of named) {
                    bench.proxy.inject({
                        method: "POST",
                        path: target.path,
                        act: reset,
                        afterwards: true,
                    });
                    await create(target);
                }
                // What is this old was there before the request.
                await sleep(4000);
                for (const target of named) {
                    bench.proxy.inject({ method: "POST", path: target.path, act: answer(504) });
                    const outcome = await create(target).then(() => "taken over", String);
                    if (!/Harbor answered 504/.test(outcome)) {
                        taken.push(`${target.type}: ${outcome}`);
                    }
                }
            } finally {
                bench.proxy.shiftClock(0);
            }
            assert.deepEqual(taken, []);
        });
    }
});
