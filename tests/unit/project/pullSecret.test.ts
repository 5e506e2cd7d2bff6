import assert from "node:assert/strict";
import { test } from "node:test";
import { dockerConfigJson } from "../../../src/project/pullSecret";

test("writes Docker's configuration with one login for the registry's host", () => {
    const login = {
        registry: "harbor.example.com:8443",
        username: "robot$shop+p",
        password: 'Pa"ß1',
    };
    assert.deepEqual(JSON.parse(dockerConfigJson(login)), {
        auths: {
            "harbor.example.com:8443": {
                username: "robot$shop+p",
                password: 'Pa"ß1',
                auth: Buffer.from('robot$shop+p:Pa"ß1', "utf8").toString("base64"),
            },
        },
    });
});
