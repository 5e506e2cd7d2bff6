import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { errorCode, hasStatus, RequestError, RequestErrorKind } from "../../../src/http/error";
import {
    answerFault,
    apiFault,
    certificateFault,
    connectionFault,
    notHarbor,
    type Peer,
} from "../../../src/http/fault";
import type { HttpRequest, HttpResponse } from "../../../src/http/message";

const { Cancelled, NotHarbor, Protocol, Status, Timeout, Tls, Unreachable } = RequestErrorKind;

const requestTo = (address: string): HttpRequest => ({
    method: "GET",
    url: new URL(address),
    headers: {},
});
const secure = requestTo("https://h.test/v2/");
const plain = requestTo("http://h.test/v2/");

/** What a caller decides by. */
function factsOf(error: RequestError | undefined) {
    assert.ok(error !== undefined);
    const { kind, reason, status, code, ambiguous, method, url } = error;
    return { kind, reason, status, code, ambiguous, at: `${method} ${url}` };
}

const broken = (code: string, message = "x") => Object.assign(new Error(message), { code });

test("recognises a server without TLS by the errors of Node.js and of Bun", () => {
    const request = requestTo("https://127.0.0.1:5000/v2/");
    const errors = {
        EPROTO: "write EPROTO 40BD:error:0A00010B:SSL routines::wrong version number:",
        // Bun 1.4
        ERR_SSL_WRONG_VERSION_NUMBER:
            "error:100000f7:SSL routines:OPENSSL_internal:WRONG_VERSION_NUMBER",
    };
    for (const [code, message] of Object.entries(errors)) {
        const { kind, reason } = connectionFault(request, broken(code, message), "the registry");
        assert.equal(kind, RequestErrorKind.Tls);
        assert.equal(reason, "https://127.0.0.1:5000 does not speak TLS");
    }
    assert.equal(
        connectionFault(request, broken("EPROTO")).reason,
        "https://127.0.0.1:5000 does not speak TLS; if Harbor is served over plain HTTP, write http:// in the url",
    );
    for (const message of ["packet length too long", "Wrong Version Number", "HTTP Request"]) {
        assert.equal(connectionFault(request, broken("ERR_SSL", message)).kind, Tls, message);
    }
    assert.equal(connectionFault(plain, broken("EPROTO")).kind, Unreachable);
});

describe("a request without an answer", () => {
    const meanings = {
        ECONNREFUSED: "nothing listens there; is the port right and the server up?",
        ENOTFOUND: "no such host name; is it spelled right, and does this machine's DNS know it?",
        EAI_AGAIN: "the host name could not be looked up; DNS did not answer",
        EHOSTUNREACH: "no route to the host",
        ENETUNREACH: "no route to the network",
    };
    for (const [code, meaning] of Object.entries(meanings)) {
        test(`never reached the server after ${code}`, () => {
            const cause = broken(code);
            const fault = connectionFault(secure, cause);
            assert.equal(fault.cause, cause);
            assert.deepEqual(factsOf(fault), {
                kind: Unreachable,
                reason: `Harbor at https://h.test cannot be reached: ${meaning} (${code})`,
                status: undefined,
                code: undefined,
                ambiguous: false,
                at: "GET https://h.test/v2/",
            });
        });
    }

    test("may have reached the server after any other error", () => {
        const hint = "; if Harbor is served over https, write https:// in the url";
        const message = "the connection to Harbor at";
        for (const [request, cause, reason] of [
            [plain, broken("ECONNRESET"), `${message} http://h.test broke: x (ECONNRESET)${hint}`],
            [secure, broken("ECONNRESET"), `${message} https://h.test broke: x (ECONNRESET)`],
            [plain, broken("EPIPE"), `${message} http://h.test broke: x (EPIPE)`],
            [plain, new Error("x"), `${message} http://h.test broke: x`],
        ] as const) {
            const fault = connectionFault(request, cause);
            assert.equal(fault.kind, Unreachable);
            assert.equal(fault.reason, reason);
            assert.equal(fault.ambiguous, true);
        }
        assert.equal(
            connectionFault(plain, broken("ECONNRESET"), "the registry").reason,
            "the connection to the registry at http://h.test broke: x (ECONNRESET)",
        );
    });

    test("may have reached the server before a cancellation", () => {
        for (const peer of ["Harbor", "the registry"] satisfies Peer[]) {
            const fault = connectionFault(secure, broken("ABORT_ERR"), peer);
            assert.equal(fault.kind, Cancelled);
            assert.equal(fault.reason, `cancelled before ${peer} had answered`);
            assert.equal(fault.ambiguous, true);
            assert.equal(fault.url, "https://h.test/v2/");
        }
    });

    test("keeps an error that names its request, and completes one that does not", () => {
        const named = new RequestError({ kind: Timeout, reason: "late", url: "https://a.test/" });
        assert.equal(connectionFault(secure, named), named);
        const cause = new Error("x");
        const fault = connectionFault(
            secure,
            new RequestError({
                kind: Status,
                reason: "late",
                status: 502,
                code: "E",
                ambiguous: true,
                cause,
            }),
        );
        assert.equal(fault.cause, cause);
        assert.deepEqual(factsOf(fault), {
            kind: Status,
            reason: "late",
            status: 502,
            code: "E",
            ambiguous: true,
            at: "GET https://h.test/v2/",
        });
    });
});

describe("a certificate that is not trusted", () => {
    const authority =
        "its certificate comes from an unknown certificate authority (CODE). Fix: set SSL_CERT_FILE to a PEM file with that authority's certificate where you run pulumi";
    for (const [code, meaning] of Object.entries({
        DEPTH_ZERO_SELF_SIGNED_CERT:
            "its certificate is self-signed (CODE). Fix: set SSL_CERT_FILE to a PEM file with that certificate where you run pulumi",
        SELF_SIGNED_CERT_IN_CHAIN: authority,
        UNABLE_TO_GET_ISSUER_CERT: authority,
        UNABLE_TO_GET_ISSUER_CERT_LOCALLY: authority,
        UNABLE_TO_VERIFY_LEAF_SIGNATURE: authority,
        CERT_HAS_EXPIRED:
            "its certificate has expired (CODE). Fix: renew the certificate on the server",
        CERT_NOT_YET_VALID:
            "its certificate is not valid yet (CODE). Fix: correct the clock of this machine, or wait",
        ERR_TLS_CERT_ALTNAME_INVALID:
            "its certificate is for another name (CODE). Fix: use a host name that the certificate covers",
    })) {
        test(`is reported after ${code}`, () => {
            const fault = connectionFault(secure, broken(code));
            assert.deepEqual(factsOf(fault), {
                kind: Tls,
                reason: `https://h.test is not trusted: ${meaning.replace("CODE", code)}`,
                status: undefined,
                code: undefined,
                ambiguous: false,
                at: "GET https://h.test/v2/",
            });
        });
    }

    test("is none without such a code", () => {
        for (const error of [broken("ECONNRESET"), new Error("x"), undefined]) {
            assert.equal(certificateFault(error), undefined);
        }
    });
});

describe("an answer that is not a success", () => {
    const answer = (status: number, body = "", headers = {}): HttpResponse => ({
        status,
        headers,
        body,
    });
    const refusal = (error: unknown) => JSON.stringify({ errors: [error] });

    for (const [what, given, expected] of [
        ["a redirect", answer(301, "", { location: "/x" }), [Protocol, "it redirects to /x (301)"]],
        ["a redirect without a place", answer(399), [Protocol, "it redirects to nowhere (399)"]],
        [
            "a redirect to https",
            answer(300, "", { location: "https://h.test/" }),
            [Tls, "http://h.test redirects plain HTTP to https; write https:// in the url"],
        ],
        [
            "a redirect to a path with https:",
            answer(302, "", { location: "/to/https:" }),
            [Protocol, "it redirects to /to/https: (302)"],
        ],
        ...[
            "The plain HTTP request was sent to HTTPS port",
            "Client sent an HTTP request to an HTTPS server.",
            "http request to https",
        ].map(
            (body) =>
                [
                    body,
                    answer(400, body),
                    [Tls, "http://h.test speaks TLS; write https:// in the url"],
                ] as const,
        ),
        ["another 400", answer(400, "no"), [Status, "no"]],
        [
            "another status with these words",
            answer(403, "HTTP request to HTTPS"),
            [Status, "HTTP request to HTTPS"],
        ],
        ["an empty answer", answer(404, " \n"), [Status, "empty answer"]],
        ["199", answer(199), [Status, "empty answer"]],
        [
            "a web page",
            answer(
                502,
                "<HTML><style>a{}</style><h1 a>502  Bad</h1>\n<script>x<y</script>!</HTML>",
            ),
            [Status, "an HTML page: 502 Bad !"],
        ],
        ["a text with a tag that does not end", answer(404, "a <b"), [Status, "a <b"]],
        ["a text of 200 characters", answer(404, "x".repeat(200)), [Status, "x".repeat(200)]],
        ["a longer text", answer(404, "x".repeat(201)), [Status, `${"x".repeat(200)}…`]],
        ["a text after 64 KiB", answer(404, `${" ".repeat(64 * 1024)}x`), [Status, "empty answer"]],
        [
            "a text at the end of 64 KiB",
            answer(404, `${" ".repeat(64 * 1024 - 1)}x`),
            [Status, "x"],
        ],
        [
            "Harbor's refusal",
            answer(409, refusal({ code: "CONFLICT", message: "is there" })),
            [Status, "is there", "CONFLICT"],
        ],
        ["a refusal without a code", answer(409, refusal({ message: 7 })), [Status, "7"]],
        [
            "a refusal whose code is no text",
            answer(409, refusal({ code: 7, message: "x" })),
            [Status, "x"],
        ],
        ...[
            '{"errors":{}}',
            '{"errors":[]}',
            '{"errors":[null]}',
            '{"errors":["x"]}',
            '{"errors":[{"code":"X"}]}',
            '{"errors":[{"message":{"toString":0,"valueOf":0}}]}',
            '{"a":1}',
            "null",
            "7",
        ].map((body) => [body, answer(404, body), [Status, body]] as const),
    ] as const) {
        test(`is reported: ${what}`, () => {
            const fault = answerFault(plain, given);
            const [kind, reason, code] = expected as readonly [string, string, string?];
            assert.deepEqual(factsOf(fault), {
                kind,
                reason,
                status: given.status,
                code,
                ambiguous: given.status >= 500,
                at: "GET http://h.test/v2/",
            });
        });
    }

    test("is ambiguous from 500, but not if Harbor itself answers 500", () => {
        const own = refusal({ code: "UNKNOWN", message: "x" });
        const isAmbiguous = (status: number, body?: string) =>
            answerFault(plain, answer(status, body))?.ambiguous;
        assert.equal(isAmbiguous(499), false);
        assert.equal(isAmbiguous(500), true);
        assert.equal(isAmbiguous(500, own), false);
        assert.equal(isAmbiguous(502, own), true);
    });

    test("is none from 200 to 299", () => {
        for (const status of [200, 201, 299]) {
            assert.equal(answerFault(plain, answer(status)), undefined);
            assert.equal(apiFault(plain, answer(status)), undefined);
        }
    });

    test("does not advise https to a client that uses it", () => {
        const location = "https://other.test/";
        assert.equal(answerFault(secure, answer(302, "", { location }))?.kind, Protocol);
    });

    test("comes from another program if it redirects, or refuses a path without Harbor's errors", () => {
        const looks = "http://h.test does not look like a Harbor server";
        const give = "Give the address of Harbor's portal, https://host[:port]";
        for (const [given, what] of [
            [answer(302, "", { location: "/x" }), "it redirects to /x (302)"],
            [answer(404, "no"), "it answered 404: no"],
            [answer(405, "no"), "it answered 405: no"],
        ] as const) {
            const fault = apiFault(plain, given);
            assert.deepEqual(factsOf(fault), {
                kind: NotHarbor,
                reason: `${looks}: ${what}. ${give}`,
                status: given.status,
                code: undefined,
                ambiguous: false,
                at: "GET http://h.test/v2/",
            });
        }
        for (const given of [
            answer(404),
            answer(404, " "),
            answer(403, "no"),
            answer(404, refusal({ code: "NOT_FOUND", message: "no" })),
        ]) {
            assert.equal(apiFault(plain, given)?.kind, Status);
        }
        const cause = new Error("x");
        assert.equal(notHarbor(plain, "w", { ambiguous: true, cause }).cause, cause);
    });
});

test("names the request and the status in the message, without control characters", () => {
    const reason = "a\u001b[1m";
    const at = { method: "PUT", url: "http://h.test/" };
    const text = (facts: object) => new RequestError({ kind: Status, reason, ...facts }).message;
    const shown = text({});
    assert.ok(!shown.includes("\u001b"));
    assert.equal(text(at), `${shown} (PUT http://h.test/)`);
    assert.equal(text({ method: "PUT" }), shown);
    assert.equal(text({ status: 409 }), `Harbor answered 409: ${shown}`);
    assert.equal(text({ status: 409, code: "C\u001b" }).includes("\u001b"), false);
    assert.match(text({ status: 409, code: "C", ...at }), /^Harbor answered 409 C: .* \(PUT /);
    assert.equal(text({ status: 302, kind: Protocol }), shown);
    assert.equal(new RequestError({ kind: Status, reason }).ambiguous, false);
});

test("finds the status and the code of an error", () => {
    const refused = new RequestError({ kind: Status, reason: "x", status: 404 });
    assert.equal(hasStatus(refused, 403, 404), true);
    assert.equal(hasStatus(refused, 403), false);
    assert.equal(hasStatus(new RequestError({ kind: Status, reason: "x" }), 404), false);
    assert.equal(
        hasStatus(new RequestError({ kind: NotHarbor, reason: "x", status: 404 }), 404),
        false,
    );
    assert.equal(
        hasStatus(Object.assign(new Error("x"), { kind: Status, status: 404 }), 404),
        false,
    );
    assert.equal(errorCode(broken("E")), "E");
    for (const cause of [{ code: 7 }, {}, undefined, null, "E"]) assert.equal(errorCode(cause), "");
});
