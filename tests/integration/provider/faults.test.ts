import assert from "node:assert/strict";
import { after, before } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { answer, type Fault, hang, reset } from "../../support/faultyProxy";
import {
    type HarborLab,
    keptBy,
    needingSystemRights,
    openHarborLab,
} from "../../support/harborLab";
import { uniqueName } from "../../support/lab";
import { ask, basic } from "../../support/registry";
import { succeeded } from "../../support/run";
import type { TestStack } from "../../support/stack";

const prefix = uniqueName("fault");
const html = "<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>";
let harbor: HarborLab;
let stack: TestStack;

/** What happens to the creation of a project, a robot account and a label of the same name. */
const survived: Readonly<Record<string, Pick<Fault, "act" | "afterwards">>> = {
    "reset-before": { act: reset },
    "reset-after": { act: reset, afterwards: true },
    limited: { act: answer(429, "", { "retry-after": "1" }) },
    "gateway-before": { act: answer(502, html, { "content-type": "text/html" }) },
    "gateway-after": {
        act: answer(502, html, { "content-type": "text/html" }),
        afterwards: true,
    },
    truncated: {
        act: answer(201, '{"id": 1', { "content-type": "application/json" }),
        afterwards: true,
    },
    unauthorized: {
        act: answer(401, '{"errors":[{"code":"UNAUTHORIZED","message":"unauthorized"}]}'),
    },
    // The provider waits 30 s for an answer.
    "timed-out": { act: hang, afterwards: true },
    "no-location": { act: answer(201), afterwards: true },
};
const names = Object.keys(survived);

before(async () => {
    harbor = await openHarborLab();
    stack = await harbor.stack(program(names));
});

after(() => harbor.close());

const asAdministrator = needingSystemRights(
    "robot accounts at system level and labels of all of Harbor",
    () => harbor,
);

function program(suffixes: readonly string[]): string {
    return `
import * as harbor from "@pulumi/harbor";
for (const suffix of ${JSON.stringify(suffixes)}) {
    const name = "${prefix}-" + suffix;
    new harbor.Project(suffix + "-project", { name });
    new harbor.RobotAccount(suffix + "-robot", {
        name, level: "system",
        permissions: [{ kind: "project", namespace: "*", accesses: [{ resource: "repository", action: "pull" }] }],
    });
    new harbor.Label(suffix + "-label", { name });
}
`;
}

const kinds = ["project", "robot", "label"];
const every = (suffixes: readonly string[], operation: string) =>
    Object.fromEntries(
        suffixes.flatMap((suffix) => kinds.map((kind) => [`${suffix}-${kind}`, operation])),
    );

/** Everything of ours in Harbor, as the ids that a stack keeps. */
async function idsInHarbor(): Promise<readonly string[]> {
    const list = async (path: string) => {
        const items = await harbor.admin("GET", `${path}&page_size=100`);
        return (items as Record<string, unknown>[]).filter(
            (
                { name }, // a list of Harbor's objects
            ) => String(name).includes(prefix),
        );
    };
    const found = [
        ...(await list(`/projects?name=${prefix}`)).map(
            (item) => `/projects/${item["project_id"]}`,
        ),
        ...(await list(`/robots?q=name=~${prefix}`)).map((item) => `/robots/${item["id"]}`),
        ...(await list(`/labels?scope=g&name=${prefix}`)).map((item) => `/labels/${item["id"]}`),
    ];
    return found.sort();
}

async function idsInState(): Promise<readonly string[]> {
    return Object.values(await keptBy(stack))
        .map(({ id }) => id)
        .sort();
}

asAdministrator(
    "creates each resource once although requests or answers are lost or refused for some time",
    async () => {
        for (const [suffix, fault] of Object.entries(survived)) {
            for (const path of ["/projects", "/robots", "/labels"]) {
                harbor.proxy.inject({
                    method: "POST",
                    path,
                    body: `"${prefix}-${suffix}"`,
                    ...fault,
                });
            }
        }
        const up = succeeded(await stack.up());
        assert.deepEqual(up.operations, every(names, "create"));
        const ids = await idsInState();
        assert.equal(ids.length, names.length * kinds.length);
        assert.deepEqual(await idsInHarbor(), ids);
        succeeded(await stack.refresh("--expect-no-changes"));
        succeeded(await stack.preview("--expect-no-changes"));
    },
);

interface Refusal {
    readonly act: Fault["act"];
    readonly says: RegExp;
    /** Attempts after which the provider gives up. @default 5 */
    readonly times?: number;
}

const refusals: Readonly<Record<string, Refusal>> = {
    "a gateway's HTML": {
        act: answer(502, html, { "content-type": "text/html" }),
        says: /Harbor answered 502: an HTML page: 502 Bad Gateway/,
    },
    "a refused login": {
        act: answer(401, '{"errors":[{"code":"UNAUTHORIZED","message":"unauthorized"}]}'),
        says: /provider harbor: password: Harbor answered 401 UNAUTHORIZED/,
        times: 2,
    },
    "JSON that ends early": {
        act: answer(200, '{"name": "x"'),
        says: /the answer is not complete JSON/,
    },
    "a broken connection": { act: reset, says: /connection to Harbor at \S+ broke/ },
};

for (const [name, { act, says, times = 5 }] of Object.entries(refusals)) {
    asAdministrator(
        `loses nothing in a refresh that fails with ${name} at every read`,
        async () => {
            const before = await idsInState();
            const id = before.find((candidate) => candidate.startsWith("/projects/"));
            harbor.proxy.inject({ method: "GET", path: `/v2.0${id}`, times, act });
            const refresh = await stack.refresh();
            assert.notEqual(refresh.code, 0);
            assert.match(refresh.output, says);
            assert.deepEqual(await idsInState(), before);
        },
    );
}

asAdministrator(
    "reports a 500 at a creation with Harbor's message, and continues in the next up",
    async () => {
        const body = '{"errors":[{"code":"UNKNOWN","message":"internal server error"}]}';
        harbor.proxy.inject({
            method: "POST",
            path: "/projects",
            body: `"${prefix}-internal"`,
            act: answer(500, body),
        });
        await stack.program(program([...names, "internal"]));
        const up = await stack.up("--continue-on-error");
        assert.notEqual(up.code, 0);
        assert.match(up.output, /Harbor answered 500 UNKNOWN: internal server error/);
        assert.equal((await keptBy(stack))["internal-project"], undefined);
        succeeded(await stack.up());
        assert.deepEqual(await idsInHarbor(), await idsInState());
    },
);

asAdministrator("waits for the user's lock after a failed login", async () => {
    const { admin } = harbor.lab;
    const login = (password: string) =>
        ask(admin, `${admin.url}/api/v2.0/users/current`, {
            headers: { authorization: basic({ username: admin.username, password }) },
        });
    harbor.proxy.inject({
        method: "POST",
        path: "/robots",
        act: async (response) => {
            // Harbor answers the wrong login only when the lock ends.
            void login("Wrong-Passw0rd");
            let locked = await login(admin.password);
            for (let attempt = 1; locked.status !== 401 && attempt <= 50; attempt++) {
                await wait(20);
                locked = await login(admin.password);
            }
            // The provider gets the answer of the locked account, however slow the run is.
            response.writeHead(locked.status, locked.headers);
            response.end(locked.body);
        },
    });
    await stack.program(program([...names, "internal", "locked"]));
    harbor.takeRequests();
    succeeded(await stack.up());
    const attempts = harbor.takeRequests().filter((line) => line === "POST /robots");
    assert.equal(attempts.length, 2);
    assert.deepEqual(await idsInHarbor(), await idsInState());
});

asAdministrator("deletes everything although answers to deletions are lost", async () => {
    for (const path of ["/projects/", "/robots/", "/labels/"]) {
        harbor.proxy.inject({ method: "DELETE", path, times: 3, act: reset, afterwards: true });
        harbor.proxy.inject({ method: "DELETE", path, times: 3, act: answer(502, html) });
    }
    succeeded(await stack.destroy());
    assert.deepEqual(await idsInState(), []);
    assert.deepEqual(await idsInHarbor(), []);
});
