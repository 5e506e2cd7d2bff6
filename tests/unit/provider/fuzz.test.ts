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

/** Checks that each output has the type that the schema gives it. */
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

const [mark = ""] = Object.keys(secret(0));
const isSecret = (value: unknown): value is Wire =>
    typeof value === "object" && value !== null && mark in value;

/** A value without the marks of secrets around it. */
const plainOf = (value: unknown): unknown => (isSecret(value) ? plainOf(value["value"]) : value);

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

/** A secret that JSON, URLs and logs spell in several ways. */
const hiddenText = `pa"ss\\w<ö>'rd 100%`;

/** What becomes of one part of the inputs. */
const editOf = fc.oneof(
    { weight: 3, arbitrary: fc.constant(() => unknown as unknown) },
    { weight: 3, arbitrary: fc.constant((value: unknown) => secret(value ?? 1)) },
    {
        weight: 3,
        arbitrary: fc
            .constantFrom<unknown>(hiddenText, [hiddenText], { a: hiddenText }, 47_114_711_471)
            .map((value) => () => secret(value)),
    },
    { weight: 1, arbitrary: fc.constant(() => secret(unknown)) },
    { weight: 2, arbitrary: anyJson.map((value) => () => value) },
    { weight: 1, arbitrary: fc.constant(() => undefined) },
);
const keyOf = fc.constantFrom("constructor", "toString", "hasOwnProperty", "x", "valueOf");

/** Edits the part of a value to which the positions lead. */
function edited(
    value: unknown,
    path: readonly number[],
    edit: (part: unknown) => unknown,
): unknown {
    const [first, ...rest] = path;
    const isLeaf = typeof value !== "object" || value === null || isSecret(value);
    if (first === undefined || isLeaf) return edit(value);
    const entries = Object.entries(value);
    const [key, member] = entries[first % Math.max(1, entries.length)] ?? [];
    return key === undefined ? edit(value) : replaced(value, [first], edited(member, rest, edit));
}

/** Paths of the values that are unknown, by member; of the given ones without secrets around them. */
function unknownPaths(value: unknown, path: readonly string[] = []): (readonly string[])[] {
    const plain = plainOf(value);
    if (plain === unknown) return [path];
    if (typeof plain !== "object" || plain === null) return [];
    return Object.entries(plain).flatMap(([key, member]) => unknownPaths(member, [...path, key]));
}

/** Top-level members that contain a secret. */
const secretKeys = (values: Wire) =>
    Object.keys(values).filter((key) => JSON.stringify(values[key]).includes(mark));

/** The text of values without those that are secrets. */
const openText = (values: unknown): string =>
    JSON.stringify(values, (_, value: unknown) => (isSecret(value) ? undefined : value));

function assertHidden(text: string, about: string): void {
    for (const spelling of [hiddenText, JSON.stringify(hiddenText).slice(1, -1), "47114711471"]) {
        assert.ok(!text.includes(spelling), `${about}: ${text}`);
    }
}

test("no inputs break previews, and secrets and unknown values stay so", async (context) => {
    const property = fc.asyncProperty(
        fc.constantFrom(...lives),
        fc.array(fc.tuple(fc.array(fc.nat(12), { minLength: 1, maxLength: 4 }), editOf), {
            minLength: 1,
            maxLength: 4,
        }),
        fc.option(keyOf, { freq: 5, nil: undefined }),
        fc.boolean(),
        async ([name, inputs, change], edits, extra, isKnown) => {
            current = questions.find((one) => one.name === `preview of ${name}`);
            turns = new Map();
            changes = [];
            await plugin.configure(isKnown ? { ...login } : { ...login, url: unknown });
            const token = type(name);
            const whole: Wire = { ...inputs, ...change };
            const news = edits.reduce<unknown>(
                (left, [path, edit]) => edited(left, path, edit),
                extra === undefined ? whole : { ...whole, [extra]: secret(hiddenText) },
            ) as Wire; // a path has a position, so the edit is inside
            fc.pre(typeof news === "object" && news !== null);
            const secrets = secretKeys(news);
            const checked = await plugin.check(token, news);
            const about = `${name} ${JSON.stringify(news)}`;
            for (const reason of Object.values(checked.failures)) assertHidden(reason, about);
            assertHidden(openText(checked.inputs), about);
            if (Object.keys(checked.failures).length > 0) return;
            assertKept(news, checked.inputs, about);
            const known = { ...inputs, ...change };
            await plugin.diff(token, known, checked.inputs);
            await plugin.diff(token, {}, checked.inputs);
            const made = await plugin.create(token, checked.inputs, { preview: true });
            const later = await plugin.update(token, "/x/1", known, checked.inputs, {
                preview: true,
            });
            for (const outputs of [made.outputs, later]) {
                assertKept(pick(checked.inputs, Object.keys(outputs)), outputs, about);
                for (const key of secrets.filter((one) => Object.hasOwn(outputs, one))) {
                    assert.ok(JSON.stringify(outputs[key]).startsWith(`{"${mark}"`), about);
                }
            }
        },
    );
    await fc.assert(property, fuzzing(context, 400));
});

const pick = (values: Wire, keys: readonly string[]): Wire =>
    Object.fromEntries(Object.entries(values).filter(([key]) => keys.includes(key)));

/** Checks that values that come back hide what was secret, and do not know what was unknown. */
function assertKept(given: Wire, found: Wire, about: string): void {
    assertHidden(openText(found), about);
    for (const key of secretKeys(given).filter((one) => Object.hasOwn(found, one))) {
        assert.ok(JSON.stringify(found[key]).startsWith(`{"${mark}"`), `${key} is open: ${about}`);
    }
    for (const path of unknownPaths(given).filter(([key = ""]) => Object.hasOwn(found, key))) {
        const value = path.reduce<unknown>(
            (left, key) => Reflect.get(Object(plainOf(left)), key),
            found,
        );
        assert.equal(plainOf(value), unknown, `${path.join(".")} is known: ${about}`);
    }
}
