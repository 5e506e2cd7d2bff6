import assert from "node:assert/strict";
import { test } from "node:test";
import { refusal } from "../../../examples/automation/access";

const given = { token: "token-of-the-server", port: 8080 };
const authorization = "Bearer token-of-the-server";
const answer = (headers: Record<string, string>) => refusal({ headers }, given);

test("the server of images takes requests with its token and the name of this machine", () => {
    for (const host of ["127.0.0.1:8080", "localhost:8080"]) {
        assert.equal(answer({ host, authorization }), undefined);
    }
});

test("the server of images refuses other host names, and requests without its token", () => {
    for (const host of ["", "attacker.test:8080", "localhost", "localhost:8080.attacker.test"]) {
        assert.equal(answer({ host, authorization }), 403, host);
    }
    for (const other of ["", "Bearer ", "Bearer token-of-the-serveR", `${authorization}x`]) {
        assert.equal(answer({ host: "localhost:8080", authorization: other }), 401, other);
    }
});
