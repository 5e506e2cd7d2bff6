import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import fc from "fast-check";
import { RequestError } from "../../../src/http/error";
import { findCacheGap } from "../../../src/registry/cacheGap";
import type { ContentPath } from "../../../src/registry/content";
import { findDigest } from "../../../src/registry/digest";
import { gatherCaches } from "../../../src/registry/gather";
import { readImageConfig } from "../../../src/registry/imageConfig";
import { readImageSize } from "../../../src/registry/imageSize";
import { inspectCacheSources } from "../../../src/registry/inspect";
import { dropMounts, keepMounts } from "../../../src/registry/mountSaves";
import { Registries } from "../../../src/registry/registries";
import type { RegistrySession } from "../../../src/registry/session";
import { findStatement } from "../../../src/registry/signatures";
import { signCache, trustedReferences } from "../../../src/registry/signedCaches";
import { readSigningKey } from "../../../src/signing/key";
import { printable } from "../../../src/text/printable";
import { fuzzing } from "../../support/fuzzing";
import { newKey } from "../../support/signingKeys";

// Harbor and another server, which answer each request with anything.

const robot = { username: "robot$shop+ci", password: "S3cret-of-the-robot" };
const basic = Buffer.from(`${robot.username}:${robot.password}`).toString("base64");
const token = "T0KEN-of-the-robot";
const repository = "shop/fm";
const digestOf = (text: string) => `sha256:${createHash("sha256").update(text).digest("hex")}`;
const own = newKey("p256");
const readOwn = readSigningKey(own.key, undefined);
assert.ok("sign" in readOwn);
const trust = { publicKeys: [own.publicKey], signer: async () => readOwn };

interface Answer {
    /** What becomes of the connection. */
    readonly form: "whole" | "truncated" | "reset" | "silent" | "endless" | "upgrade";
    readonly status: number;
    readonly headers: Readonly<Record<string, string>>;
    readonly body: string;
}

/** What both servers do. */
interface Script {
    /** Whether Harbor's first answer is that of Harbor: a challenge, and then a token. */
    readonly isGuarded: boolean;
    /** The answers by kind of path; each kind repeats its list. */
    readonly answers: Readonly<Record<(typeof kinds)[number], readonly Answer[]>>;
}
const kinds = ["manifests", "blobs", "uploads", "referrers", "token", "other"] as const;

const genuine = JSON.stringify({ config: { Env: ["GENUINE=1"] } });
const genuineManifest = JSON.stringify({ config: { digest: digestOf(genuine) } });
const contents = new Map([genuine, genuineManifest].map((text) => [digestOf(text), text]));
const cacheType = "application/vnd.buildkit.cacheconfig.v0";

const junk = fc.oneof(
    { weight: 4, arbitrary: fc.string({ unit: "binary", maxLength: 20 }) },
    { weight: 1, arbitrary: fc.constant("\n::add-mask::x\u001b[2J") },
    { weight: 1, arbitrary: fc.constant("[".repeat(30_000)) },
);
/** JSON nested too deeply for the stack. It replaces `"DEEP"`, because `JSON.stringify` cannot write it. */
const deep = `${'{"a":'.repeat(30_000)}1${"}".repeat(30_000)}`;
const anyJson = fc.oneof(
    { weight: 4, arbitrary: fc.jsonValue({ maxDepth: 3 }) },
    { weight: 2, arbitrary: fc.constant({ toString: 0, valueOf: 0 }) },
    { weight: 1, arbitrary: fc.constant("DEEP") },
);
/** A value, or anything else in its place. */
const mostly = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<unknown> =>
    fc.oneof({ weight: 8, arbitrary: value }, { weight: 1, arbitrary: anyJson });
const digest = mostly(
    fc.oneof(fc.constantFrom(...contents.keys()), fc.constant(digestOf("not there")), junk),
);
const record = (members: Readonly<Record<string, fc.Arbitrary<unknown>>>) =>
    mostly(fc.record(members, { requiredKeys: [] }));
const list = (item: fc.Arbitrary<unknown>) => mostly(fc.array(item, { maxLength: 4 }));
const type = mostly(fc.constantFrom(cacheType, "application/vnd.oci.image.config.v1+json"));
const descriptor = record({ mediaType: type, digest, size: mostly(fc.integer()) });
const position = mostly(fc.integer({ min: -2, max: 4 }));
const results = list(record({ layer: position, createdAt: mostly(fc.constant("2026-01-02")) }));
const cacheConfig = record({
    layers: list(record({ blob: digest, parent: position })),
    records: list(
        record({
            digest,
            inputs: list(list(record({ link: position, selector: digest }))),
            layers: results,
            chains: results,
        }),
    ),
    config: record({ Env: list(fc.constant("FORGED=1")), OnBuild: list(anyJson) }),
    rootfs: record({ diff_ids: list(digest) }),
    "moby.buildkit.cache.v0": mostly(junk.map((text) => Buffer.from(text).toString("base64"))),
});
const document = fc.oneof(
    record({ config: descriptor, layers: list(descriptor) }),
    record({
        manifests: list(
            record({
                mediaType: type,
                digest,
                artifactType: mostly(fc.constant("application/vnd.dev.sigstore.bundle.v0.3+json")),
                platform: record({ os: anyJson, architecture: anyJson }),
                annotations: anyJson,
            }),
        ),
    }),
    cacheConfig,
    record({ token: mostly(fc.constant("TOKEN")), access_token: anyJson }),
    record({ errors: list(record({ code: anyJson, message: anyJson })) }),
    anyJson,
);
const body = fc.oneof(
    { weight: 3, arbitrary: fc.constantFrom(...contents.values()) },
    { weight: 8, arbitrary: document.map((value) => JSON.stringify(value)) },
    { weight: 1, arbitrary: junk },
);

/** Replaces HARBOR and OTHER in a text with the addresses of the two servers. */
const addressed = (text: string) =>
    text.replaceAll("HARBOR", harbor.url).replaceAll("OTHER", other.url);
const place = fc.constantFrom(
    ...["OTHER/token", "OTHER/v2/shop/fm/blobs/uploads/1", "HARBOR/token", "HARBOR/v2/", "/token"],
    ...["OTHER/bucket", "OTHER/token?x", "OTHER/v2/shop/fm/manifests/2"],
    ...["HARBOR/v2/shop/fm/manifests/2", "HARBOR/v2/shop/fm/blobs/2"],
    ...["http://user:pw@127.0.0.1:1/", "https://127.0.0.1:1/", "ftp://x/", "http://[", "//", ""],
    ...["/v2/shop/fm/blobs/uploads/1?state=x", "file:///etc/passwd", "http://storage.test/x"],
);
const challenge = fc.oneof(
    place.map((realm) => `Bearer realm="${realm}",service="s",scope="x"`),
    fc.constantFrom('Basic realm="x"', "Bearer", "Negotiate", "", "Bearer realm=HARBOR/token"),
    fc.string({ maxLength: 30 }),
);
const headers = fc.record(
    {
        location: place,
        "www-authenticate": challenge,
        "docker-content-digest": fc.constantFrom(...contents.keys(), "sha256:x", ""),
        "content-type": fc.constantFrom("application/json", "text/html", "\u009b", ""),
        "retry-after": fc.constantFrom("0", "9".repeat(400), "-1", "yesterday"),
        "oci-subject": fc.constant("x"),
        "content-encoding": fc.constantFrom("gzip", "identity"),
    },
    { requiredKeys: [] },
);
const answer: fc.Arbitrary<Answer> = fc.record({
    form: fc.oneof(
        { weight: 100, arbitrary: fc.constant("whole" as const) },
        { weight: 6, arbitrary: fc.constantFrom("truncated", "reset", "upgrade", "endless") },
        { weight: 1, arbitrary: fc.constant("silent" as const) },
    ),
    status: fc.oneof(
        { weight: 6, arbitrary: fc.constant(200) },
        { weight: 4, arbitrary: fc.constantFrom(201, 202, 301, 307, 308, 401, 401, 401, 404, 412) },
        { weight: 1, arbitrary: fc.integer({ min: 200, max: 999 }) },
    ),
    headers,
    body,
});
const answers: fc.Arbitrary<Script["answers"]> = fc.record(
    Object.fromEntries(
        kinds.map((kind) => [kind, fc.array(answer, { minLength: 1, maxLength: 3 })]),
    ),
) as fc.Arbitrary<Script["answers"]>; // the record has these keys
const script: fc.Arbitrary<Script> = fc.record({ isGuarded: fc.boolean(), answers });

/** A server that answers with the script, and what it was asked. */
interface Host {
    readonly server: Server;
    readonly url: string;
    readonly host: string;
    readonly asked: { readonly line: string; readonly authorization: string | undefined }[];
    /** Bytes of an endless answer that the client took. */
    endlessBytes: number;
}

let current: Script;
let turns: Map<string, number>;
let harbor: Host;
let other: Host;
before(async () => {
    harbor = await listen();
    other = await listen();
});
after(() => {
    for (const { server } of [harbor, other]) {
        server.close();
        server.closeAllConnections();
    }
});

async function listen(): Promise<Host> {
    const asked: Host["asked"] = [];
    const server = createServer((request, response) => {
        const { method, url = "", headers } = request;
        asked.push({ line: `${method} ${url}`, authorization: headers.authorization });
        request.resume();
        request.on("end", () => reply(host, request, response));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo; // a TCP server that listens has a port
    const host: Host = {
        server,
        url: `http://127.0.0.1:${port}`,
        host: `127.0.0.1:${port}`,
        asked,
        endlessBytes: 0,
    };
    return host;
}

function guard(response: ServerResponse): void {
    const realm = `Bearer realm="${harbor.url}/token",service="s"`;
    response.writeHead(401, { "www-authenticate": realm }).end();
}

function reply(
    host: Host,
    { url = "", method, headers: { authorization } }: IncomingMessage,
    response: ServerResponse,
): void {
    const kind = kinds.find((one) => url.includes(one)) ?? "other";
    if (current.isGuarded && host === harbor) {
        if (kind === "token") return void response.end(JSON.stringify({ token }));
        if (authorization === undefined) return void guard(response);
    }
    const turn = turns.get(kind) ?? 0;
    turns.set(kind, turn + 1);
    const answers = current.answers[kind];
    const chosen = answers[turn % answers.length];
    const { socket } = response;
    if (chosen === undefined || socket === null) return;
    socket.on("error", () => {});
    if (chosen.form === "reset") socket.resetAndDestroy();
    else if (chosen.form !== "silent") {
        // Only the token service knows the token.
        const known = kind === "token" ? chosen.body.replace("TOKEN", token) : chosen.body;
        const body = known.replaceAll('"DEEP"', deep);
        write(socket, { ...chosen, body }, { host, isHead: method === "HEAD" });
    }
}

function write(
    socket: Socket,
    { form, status, headers, body }: Answer,
    { host, isHead }: { readonly host: Host; readonly isHead: boolean },
): void {
    const given = Object.entries(headers).map(([name, value]) => `${name}: ${clean(value)}\r\n`);
    const line = `HTTP/1.1 ${status} x\r\n${given.join("")}`;
    if (form === "upgrade") {
        return void socket.write(`HTTP/1.1 101 x\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n`);
    }
    if (form === "endless" && !isHead) {
        socket.write(`${line}connection: close\r\n\r\n`, "latin1");
        const more = () => {
            while (!socket.destroyed && host.endlessBytes < 64 * 1024 * 1024) {
                host.endlessBytes += chunk.length;
                if (!socket.write(chunk)) return void socket.once("drain", more);
            }
            socket.end();
        };
        more();
        return;
    }
    const length = Buffer.byteLength(body) + (form === "truncated" ? 10 : 0);
    const head = `${line}content-length: ${length}\r\nconnection: close\r\n\r\n`;
    socket.write(head, "latin1");
    socket.end(isHead ? "" : body);
}

const chunk = Buffer.alloc(256 * 1024, "x");
/** A value that can be in a header. */
const clean = (value: string) => addressed(value).replace(/[\r\n\0]/g, " ");

const login = () => robot;
const reference = (tag: string) => `${harbor.host}/${repository}:${tag}`;
const mounts = () => ({
    kept: reference("kept"),
    candidate: reference("candidate"),
    cache: reference("cache"),
    fallbacks: [reference("main")],
});
const genuineDigest = digestOf(genuine);
const wanted = { digest: genuineDigest, predicateType: "urn:x" };

/** Everything that the client does with a registry. */
const questions: Readonly<Record<string, (registries: Registries) => Promise<unknown>>> = {
    "get a tag": (all) => inSession(all, (session) => get(session, "manifests/1")),
    "get a manifest": (all) =>
        inSession(all, (session) => get(session, `manifests/${digestOf(genuineManifest)}`)),
    "get a blob": (all) => inSession(all, (session) => get(session, `blobs/${genuineDigest}`)),
    head: (all) => inSession(all, (session) => session.head(repository, "manifests/1")),
    start: (all) => inSession(all, (session) => session.start()),
    rights: (all) => inSession(all, (session) => session.rights(repository)),
    put: (all) => inSession(all, (session) => session.put(repository, "manifests/1", "{}", "x/y")),
    "put a blob": (all) =>
        inSession(all, (session) => session.putBlob(repository, genuine, genuineDigest)),
    "mount a blob": (all) =>
        inSession(all, (session) => session.mountBlob(repository, genuineDigest, "main/fm")),
    "copy a blob": (all) =>
        inSession(all, (session) => session.copyBlob(repository, genuineDigest, "main/fm")),
    statement: (all) =>
        inSession(all, (session) => findStatement(session, repository, wanted, [own.publicKey])),
    sign: (all) =>
        inSession(all, (session) => signCache(session, reference("1"), genuineDigest, trust)),
    digest: () => findDigest(reference("1"), login, options()),
    config: () => readImageConfig(reference("1"), "linux/amd64", login, options()),
    size: () => readImageSize(reference("1"), login, options()),
    inspect: () => inspectCacheSources([reference("1"), reference("2")], login, options()),
    "inspect signed caches": () =>
        inspectCacheSources([reference("1")], login, { ...options(), trust }),
    trusted: () => trustedReferences([reference("1")], login, { ...options(), trust }),
    gather: () =>
        gatherCaches(
            { into: reference("1"), from: [reference("2")], kept: reference("kept") },
            login,
            options(),
        ),
    gap: () => findCacheGap(reference("1"), reference("2"), login, options()),
    "keep mounts": () => keepMounts(mounts(), 1, login, options()),
    "drop mounts": () => dropMounts(mounts(), login, options()),
};

const timeoutMs = 400;
const options = () => ({ url: harbor.url, timeoutMs, retry: { attemptsMax: 2, delayMs: 1 } });

function inSession<T>(
    registries: Registries,
    question: (session: RegistrySession) => Promise<T>,
): Promise<T> {
    const location = { reference: "", registry: harbor.host, server: harbor.host };
    return registries.ask({ ...location, repository, selector: "1" }, question);
}

/** Reads content, and checks what the session must have checked. */
async function get(session: RegistrySession, path: ContentPath) {
    const answer = await session.get(repository, path);
    const [, name = ""] = path.split("/");
    if (answer.fault === undefined && name.startsWith("sha256:")) {
        assert.equal(digestOf(answer.response.body), name);
    }
    const sent = harbor.asked.length + other.asked.length;
    assert.ok(sent <= 9, `${sent} requests`);
    return answer.fault ?? "read";
}

/** The outcome of a question: its result, or its error. */
async function outcome(question: (registries: Registries) => Promise<unknown>): Promise<unknown> {
    const registries = new Registries(login, options());
    const ended = new AbortController();
    try {
        return await Promise.race([
            question(registries).catch((error: unknown) => error),
            sleep(2_000, new Error("no end"), { signal: ended.signal, ref: false }),
        ]);
    } finally {
        ended.abort();
        registries.close();
    }
}

/** Every reason in an outcome. */
function reasonsIn(value: unknown): string[] {
    if (value instanceof Error) return [value.message];
    if (typeof value !== "object" || value === null) return [];
    return Object.entries(value).flatMap(([name, member]) =>
        name === "reason" ? [String(member)] : name === "response" ? [] : reasonsIn(member),
    );
}

test("no answer of a registry breaks the client, or gets a login to another host", async (context) => {
    await fc.assert(
        fc.asyncProperty(
            fc.constantFrom(...Object.keys(questions)),
            script,
            async (name, answers) => {
                current = answers;
                turns = new Map();
                for (const host of [harbor, other]) {
                    host.asked.length = host.endlessBytes = 0;
                }
                const result = await outcome(questions[name] ?? assert.fail());
                if (result instanceof Error && !(result instanceof RequestError)) {
                    assert.equal(result.name, "SyntaxError", result.stack);
                }
                for (const reason of reasonsIn(result)) {
                    assert.equal(reason, printable(reason));
                    assert.doesNotMatch(reason, /TypeError|RangeError|is not a function/);
                    for (const secret of [robot.password, basic, token]) {
                        assert.ok(!reason.includes(secret), reason);
                    }
                }
                const config: unknown = Reflect.get(Object(result), "config");
                assert.doesNotMatch(JSON.stringify(config) ?? "", /FORGED/);
                for (const { line, authorization } of other.asked) {
                    assert.equal(authorization, undefined, line);
                }
                for (const { endlessBytes } of [harbor, other]) {
                    assert.ok(endlessBytes <= 24 * 1024 * 1024, `${endlessBytes} bytes`);
                }
            },
        ),
        fuzzing(context, 400),
    );
});
