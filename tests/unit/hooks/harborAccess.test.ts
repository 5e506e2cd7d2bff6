import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import * as pulumi from "@pulumi/pulumi";
import { harborAccess } from "../../../src/hooks/harborAccess";
import { readConfiguration } from "../../../src/provider/configuration";

afterEach(() => pulumi.runtime.setAllConfig({}));

const account = { HARBOR_USERNAME: "ci", HARBOR_PASSWORD: "Secret" };

for (const HARBOR_IGNORE_CERT of ["", "yes", "no", "1", "0", "t", "f", "TRUE", "False"]) {
    test(`reads HARBOR_IGNORE_CERT="${HARBOR_IGNORE_CERT}" in hooks as in the provider`, () => {
        const env = { ...account, HARBOR_URL: "https://h", HARBOR_IGNORE_CERT };
        const { client } = readConfiguration({}, env);
        assert.equal(harborAccess({ env }).verifyTls, client?.verifyTls);
    });
}

for (const path of ["", "/", "/api/v2.0", "/api/v2.0/", "/harbor"]) {
    test(`reads an address that ends in "${path}" in hooks as in the provider`, () => {
        const env = { ...account, HARBOR_URL: `https://h:8443${path}` };
        assert.equal(harborAccess({ env }).url, "https://h:8443");
        assert.equal(readConfiguration({}, env).client?.url, "https://h:8443");
    });
}

test("prefers the configuration to the environment", () => {
    pulumi.runtime.setAllConfig({
        "harbor:url": "https://configured/api/v2.0",
        "harbor:insecure": "false",
    });
    const env = { HARBOR_URL: "https://h", HARBOR_IGNORE_CERT: "yes" };
    const { url, verifyTls } = harborAccess({ env });
    assert.deepEqual({ url, verifyTls }, { url: "https://configured", verifyTls: true });
});

test("sends the configured headers with the login", async () => {
    pulumi.runtime.setAllConfig({ "harbor:headers": '{"X-Proxy":"key"}' });
    const { login } = harborAccess({ env: account });
    assert.deepEqual(await login(), {
        username: "ci",
        password: "Secret",
        headers: { "X-Proxy": "key" },
    });
});

for (const headers of ["", "{", "[1]", '"text"']) {
    test(`leaves the headers "${headers}" to the provider, which rejects them`, async () => {
        pulumi.runtime.setAllConfig({ "harbor:headers": headers });
        assert.equal(await harborAccess({ env: {} }).login(), undefined);
    });
}
