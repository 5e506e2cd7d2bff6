import assert from "node:assert/strict";
import { test } from "node:test";
import { RequestErrorKind } from "../../../src/http/error";
import { connectionFault } from "../../../src/http/fault";

test("recognises a server without TLS by the errors of Node.js and of Bun", () => {
    const request = { method: "GET", url: new URL("https://127.0.0.1:5000/v2/"), headers: {} };
    const errors = {
        EPROTO: "write EPROTO 40BD:error:0A00010B:SSL routines::wrong version number:",
        // Bun 1.4
        ERR_SSL_WRONG_VERSION_NUMBER:
            "error:100000f7:SSL routines:OPENSSL_internal:WRONG_VERSION_NUMBER",
    };
    for (const [code, message] of Object.entries(errors)) {
        const { kind, reason } = connectionFault(
            request,
            Object.assign(new Error(message), { code }),
            "the registry",
        );
        assert.equal(kind, RequestErrorKind.Tls);
        assert.equal(reason, "https://127.0.0.1:5000 does not speak TLS");
    }
});
