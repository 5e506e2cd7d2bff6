import assert from "node:assert/strict";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { after, before, test } from "node:test";
import fc from "fast-check";
import { functions as everyFunction } from "../../../src/provider/functions/index";
import {
    isList,
    isObject,
    type Properties,
    type PropertyType,
} from "../../../src/provider/property";
import { resources } from "../../../src/provider/resources/index";
import { tryParse } from "../../../src/text/lenientJson";
import { type Fault, type HarborAnswer, startFaultyProxy } from "../../support/faultyProxy";
import { fuzzing } from "../../support/fuzzing";
import { PluginClient, secret, unknown, type Wire } from "../../support/pluginClient";
import { startSandboxHarbor } from "../../support/sandboxHarbor";

// Harbor's answers to the life of each resource, with anything in place of any part.

const password = "Passw0rd-Of-Person";
const webhookSecret = "Bearer Webhook-Secret-1";
const oidcSecret = "Oidc-Secret-1";
const type = (name: string) => `harbor:index/${name}:${name[0]?.toUpperCase()}${name.slice(1)}`;
const projectId = "/projects/2";
const pull = [{ resource: "repository", action: "pull" }];
/** Inputs of each resource, and what an update changes. */
const lives: readonly (readonly [name: string, inputs: Wire, change: Wire])[] = [
    // Deleted at once: Harbor accepts it only without users, and then creates none.
    [
        "configAuth",
        {
            authMode: "oidc_auth",
            oidcName: "azure",
            oidcEndpoint: "https://login.example.com/v2.0",
            oidcClientId: "harbor",
            oidcClientSecret: secret(oidcSecret),
            oidcScope: "openid",
            oidcVerifyCert: true,
        },
        { oidcScope: "openid,email" },
    ],
    ["project", { name: "shop", storageQuota: 5, cveAllowlists: ["CVE-2024-1"] }, { public: true }],
    [
        "robotAccount",
        {
            name: "ci",
            level: "project",
            permissions: [{ kind: "project", namespace: "shop", accesses: pull }],
        },
        { description: "x", secret: secret("Robot-Secret-1x") },
    ],
    [
        "retentionPolicy",
        {
            scope: projectId,
            schedule: "Daily",
            rules: [{ mostRecentlyPushed: 10, repoMatching: "**", tagMatching: "**" }],
        },
        { schedule: "Weekly" },
    ],
    ["immutableTagRule", { projectId, repoMatching: "**", tagMatching: "v*" }, { disabled: true }],
    ["label", { name: "qa", projectId, color: "#0065AB" }, { description: "x" }],
    [
        "projectWebhook",
        {
            name: "hook",
            projectId,
            notifyType: "http",
            address: "http://127.0.0.1:9/hook",
            authHeader: secret(webhookSecret),
            eventsTypes: ["PUSH_ARTIFACT"],
        },
        { enabled: false },
    ],
    [
        "registry",
        { name: "up", providerName: "harbor", endpointUrl: "UPSTREAM" },
        { description: "x" },
    ],
    [
        "user",
        { username: "p", fullName: "P", email: "p@example.com", password: secret(password) },
        { comment: "x" },
    ],
    ["projectMemberUser", { projectId, userName: "p", role: "developer" }, { role: "guest" }],
    ["garbageCollection", { schedule: "Weekly", workers: 3 }, { schedule: "Daily" }],
    [
        "purgeAuditLog",
        { schedule: "Daily", auditRetentionHour: 48, includeEventTypes: "create_artifact" },
        { auditRetentionHour: 24 },
    ],
    [
        "replication",
        {
            name: "pull",
            action: "pull",
            registryId: 1,
            filters: [{ name: "a/**" }, { labels: ["qa"] }],
        },
        { description: "x" },
    ],
    [
        "preheatInstance",
        { name: "p2p", vendor: "dragonfly", endpoint: "http://p2p.example.com" },
        { description: "x" },
    ],
    ["configSystem", { projectCreationRestriction: "adminonly" }, { readOnly: false }],
    ["configSecurity", { cveAllowlists: ["CVE-2024-1"] }, { cveAllowlists: [] }],
];
const functions: readonly (readonly [name: string, args: Wire])[] = [
    ["getArtifact", { project: "shop", repository: "fm", reference: "1" }],
    ["getGroups", {}],
    ["getProject", { name: "shop" }],
    ["getProjectMemberUsers", { projectId }],
    ["getProjects", {}],
    ["getRegistry", { name: "up" }],
    ["getRobotAccounts", {}],
    ["getUsers", {}],
];

/** A question to the provider, and Harbor's answers to it by request. */
interface Question {
    readonly name: string;
    /** Properties of the result. */
    readonly type: Properties;
    readonly ask: () => Promise<unknown>;
    readonly answers: Map<string, HarborAnswer[]>;
}

const questions: Question[] = [];
let plugin: PluginClient;
let server: Server;
let current: Question | undefined;
let turns: Map<string, number>;
let changes: readonly Change[];
let requests: number;
let login: { readonly url: string; readonly username: string; readonly password: string };

before(async () => {
    plugin = await PluginClient.start();
    server = createServer(async (request, response) => {
        const sent = await text(request);
        const key = `${request.method} ${request.url}`;
        const turn = turns.get(key) ?? 0;
        turns.set(key, turn + 1);
        const known = current?.answers.get(key) ?? [];
        const missing = { status: 404, headers: {}, body: refusal("not found") };
        const given = known[Math.min(turn, known.length - 1)] ?? missing;
        const answer = changed(given, requests++, sent);
        // A repetition does not wait.
        response.writeHead(answer.status, { ...answer.headers, "retry-after": "0" });
        response.end(answer.body);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    await record();
    const { port } = server.address() as AddressInfo; // a TCP server that listens has a port
    login = { ...login, url: `http://127.0.0.1:${port}` };
    await plugin.configure({ ...login });
});
after(() => {
    plugin.close();
    server.close();
    server.closeAllConnections();
});

/** Leads each resource through its life in a sandbox Harbor. */
async function record(): Promise<void> {
    const harbor = await startSandboxHarbor();
    const proxy = await startFaultyProxy(harbor.url);
    login = { url: proxy.url, username: "admin", password: harbor.adminPassword };
    await plugin.configure({ ...login });
    let answers: Question["answers"] = new Map();
    const methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"];
    const keep = (fault: Pick<Fault, "method">) =>
        proxy.inject({
            ...fault,
            path: "",
            times: Number.POSITIVE_INFINITY,
            afterwards: true,
            act: (response, answer) => {
                const { method, path } = proxy.passed.at(-1) ?? assert.fail();
                assert.ok(answer);
                const key = `${method} ${path}`;
                answers.set(key, [...(answers.get(key) ?? []), answer]);
                response.writeHead(answer.status, answer.headers).end(answer.body);
            },
        });
    for (const method of methods) keep({ method });
    const taken = async <T>(name: string, type: Properties, ask: () => Promise<T>): Promise<T> => {
        answers = new Map();
        // As in the property, so that the first request is the same.
        await plugin.configure({ ...login });
        const result = await ask();
        questions.push({ name, type, ask, answers });
        return result;
    };
    const lived: (() => Promise<unknown>)[] = [];
    for (const [name, given, change] of lives) {
        const token = type(name);
        const { properties } = resources.find((one) => one.token === token) ?? assert.fail(name);
        const inputs: Wire = JSON.parse(JSON.stringify(given).replace("UPSTREAM", harbor.url));
        assert.deepEqual((await plugin.check(token, inputs)).failures, {}, name);
        await taken(`preview of ${name}`, properties, () =>
            plugin.create(token, inputs, { preview: true }),
        );
        const made = await taken(`create ${name}`, properties, () => plugin.create(token, inputs));
        const { id, outputs } = made;
        await taken(`import ${name}`, properties, () => plugin.read(token, id));
        await taken(`read ${name}`, properties, () => plugin.read(token, id, outputs, inputs));
        const news = { ...inputs, ...change };
        await taken(`update ${name}`, properties, () => plugin.update(token, id, outputs, news));
        const end = () =>
            taken(`delete ${name}`, properties, () => plugin.delete(token, id, outputs, inputs));
        if (name === "configAuth") await end();
        else lived.push(end);
    }
    for (const [name, args] of functions) {
        const token = `harbor:index/${name}:${name}`;
        const found = everyFunction.find((one) => one.token === token) ?? assert.fail(name);
        await taken(name, found.outputs, () => plugin.invoke(token, args));
    }
    for (const end of lived.reverse()) await end();
    await proxy.close();
    await harbor.close();
}

/** Checks that outputs have the types of the schema, whatever Harbor has. */
function assertTypes(properties: Properties, result: unknown): void {
    for (const part of ["outputs", "inputs", "result"]) {
        const values: unknown = Reflect.get(Object(result), part) ?? {};
        for (const [key, value] of Object.entries(Object(values))) {
            const property = properties[key];
            if (property !== undefined) assertType(property.type, value, key);
        }
    }
}

function assertType(type: PropertyType, given: unknown, path: string): void {
    const value = plainOf(given);
    if (value === undefined || value === null || value === unknown) return;
    if (isList(type)) {
        assert.ok(Array.isArray(value), path);
        for (const [at, item] of value.entries()) assertType(type.list, item, `${path}[${at}]`);
    } else if (isObject(type)) {
        assertTypes(type.properties, { outputs: value });
    } else {
        assert.equal(typeof value, type === "map" ? "object" : type, path);
    }
}

/** A value without the mark of a secret. */
function plainOf(value: unknown): unknown {
    const [mark, ...more] = Object.keys(secret(0));
    const isSecret =
        typeof value === "object" && value !== null && mark !== undefined && mark in value;
    return isSecret && more[0] !== undefined ? Reflect.get(value, more[0]) : value;
}

/** What becomes of one answer. */
interface Change {
    /** Number of the request. */
    readonly at: number;
    readonly act: (answer: HarborAnswer, request: string) => HarborAnswer;
}

const changed = (answer: HarborAnswer, at: number, request: string): HarborAnswer =>
    changes.filter((one) => one.at === at).reduce((left, { act }) => act(left, request), answer);

const refusal = (message: string) => JSON.stringify({ errors: [{ code: "X", message }] });

const anyJson = fc.oneof(
    { weight: 4, arbitrary: fc.jsonValue({ maxDepth: 2 }) },
    {
        weight: 2,
        arbitrary: fc.constantFrom(...[null, {}, [], [[]], [null], "", "x\u001b[2J\n::y::", 1e300]),
    },
    { weight: 1, arbitrary: fc.constant({ toString: 0, valueOf: 0, length: -1 }) },
);
/** Replaces a part of a JSON value: the children at the positions lead to it. */
function replaced(value: unknown, path: readonly number[], part: unknown): unknown {
    const [first, ...rest] = path;
    if (first === undefined || typeof value !== "object" || value === null) return part;
    const entries = Object.entries(value);
    const [key] = entries[first % Math.max(1, entries.length)] ?? [];
    if (key === undefined) return part;
    const members = entries
        .map(([name, member]) => [name, name === key ? replaced(member, rest, part) : member])
        .filter(([, member]) => member !== undefined);
    return Array.isArray(value) ? members.map(([, member]) => member) : Object.fromEntries(members);
}
const act: fc.Arbitrary<Change["act"]> = fc.oneof(
    {
        weight: 12,
        arbitrary: fc
            .tuple(
                fc.array(fc.nat(30), { maxLength: 4 }),
                fc.oneof({ weight: 3, arbitrary: anyJson }, fc.constant(undefined)),
            )
            .map(([path, part]) => (answer: HarborAnswer) => {
                const body = replaced(tryParse(answer.body), path, part);
                return { ...answer, body: JSON.stringify(body) ?? "" };
            }),
    },
    {
        weight: 2,
        arbitrary: fc
            .constantFrom(200, 201, 204, 302, 400, 403, 404, 409, 412, 422, 500)
            .map((status) => (answer: HarborAnswer) => ({ ...answer, status })),
    },
    {
        weight: 2,
        arbitrary: fc
            .record(
                {
                    location: fc.constantFrom("", "/", "/api/v2.0/projects/x", "http://[", "//x/1"),
                    "x-total-count": fc.constantFrom("", "-1", "9".repeat(400), "x", "1"),
                    date: fc.constantFrom("", "yesterday"),
                    "set-cookie": fc.constantFrom("", "sid=1; path=/", "_gorilla_csrf"),
                    "x-harbor-csrf-token": fc.constantFrom("", "x", "é"),
                    "content-type": fc.constantFrom("", "text/html"),
                },
                { requiredKeys: [] },
            )
            .map((headers) => (answer: HarborAnswer) => ({
                ...answer,
                headers: { ...answer.headers, ...headers },
            })),
    },
    {
        weight: 2,
        arbitrary: fc.constantFrom(
            ...[
                (answer: HarborAnswer, request: string) => ({
                    ...answer,
                    status: 400,
                    body: refusal(`cannot use ${request}`),
                }),
                (answer: HarborAnswer) => ({
                    ...answer,
                    status: 409,
                    body: refusal("\r\u001b[2J"),
                }),
            ],
        ),
    },
    {
        weight: 1,
        arbitrary: fc
            .constantFrom("<html>x", "{", "null", "[".repeat(30_000), "\u001b[2J", "")
            .map((body) => (answer: HarborAnswer) => ({ ...answer, body })),
    },
);
const change: fc.Arbitrary<Change> = fc.record({
    at: fc.oneof({ weight: 3, arbitrary: fc.nat(2) }, fc.nat(8)),
    act,
});

test("no answer of Harbor breaks the provider", async (context) => {
    const property = fc.asyncProperty(
        fc.nat(),
        fc.array(change, { minLength: 1, maxLength: 3 }),
        async (number, given) => {
            current = questions[number % questions.length];
            turns = new Map();
            changes = given;
            requests = 0;
            assert.ok(current);
            await plugin.configure({ ...login });
            const result = await current.ask().catch((error: unknown) => error);
            if (!(result instanceof Error)) {
                assertTypes(current.type, result);
                return;
            }
            const { message } = result;
            const about = `${current.name}: ${message}`;
            assert.doesNotMatch(message, /unexpected error|TypeError|RangeError/, about);
            // Which request had the answer.
            if (/^unexpected answer/.test(message)) assert.match(message, /\/api\/v2\.0\//, about);
            for (const hidden of [login.password, password, webhookSecret, oidcSecret]) {
                assert.ok(!message.includes(hidden), about);
            }
            // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what to find
            assert.doesNotMatch(message, /[\u0000-\u0009\u000b-\u001f\u2028]/, about);
        },
    );
    await fc.assert(property, fuzzing(context, 400));
});
