import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import type { HarborClient } from "../../../src/harbor/client";
import { Connection } from "../../../src/provider/connection";
import { projectWebhook } from "../../../src/provider/resources/projectWebhook";

/** What the provider writes to standard error when it gets this configuration. */
function warnings(context: TestContext, url: string): string {
    const { mock } = context.mock.method(process.stderr, "write", () => true);
    new Connection({}).configure({ url });
    const written = mock.calls.map(({ arguments: [text] }) => String(text)).join("");
    mock.restore();
    return written;
}

test("warns of a password that leaves the machine unencrypted", (context) => {
    assert.equal(
        warnings(context, "http://harbor.example.com"),
        "warning: provider harbor: url: http://harbor.example.com is another machine without TLS, so the password and all secrets travel unencrypted. Serve Harbor over https, and write https:// in the url\n",
    );
    // These names only look like this machine.
    for (const host of ["localhost.example.com", "127.example.com", "127.0.0.1.example.com"]) {
        assert.match(warnings(context, `http://${host}`), /travel unencrypted/, host);
    }
});

test("does not warn of TLS, or of this machine", (context) => {
    for (const url of ["https://harbor.example.com", "http://localhost:5000", "http://127.0.0.1"]) {
        assert.equal(warnings(context, url), "", url);
    }
});

test("warns of a webhook whose certificate Harbor does not verify", async () => {
    const refused = new Error("no Harbor");
    const client = { post: () => Promise.reject(refused) } as unknown as HarborClient;
    const create = async (inputs: object) => {
        const warned: string[] = [];
        const context = {
            client,
            registryOptions: {},
            robotPrefix: undefined,
            parentType: undefined,
            isClaimed: () => false,
            warn: async (message: string) => {
                warned.push(message);
            },
        };
        const hook = {
            name: "ci",
            projectId: "/projects/1",
            notifyType: "http",
            address: "https://ci.example.com/in?token=x",
            eventsTypes: ["PUSH_ARTIFACT"],
            enabled: true,
            ...inputs,
        };
        await assert.rejects(projectWebhook.create(hook, context), refused);
        return warned;
    };
    assert.deepEqual(await create({ skipCertVerify: true }), [
        'harbor.ProjectWebhook "ci": skipCertVerify: Harbor sends events to https://ci.example.com without verifying its certificate. Set skipCertVerify: false',
    ]);
    assert.deepEqual(await create({ skipCertVerify: false }), []);
    assert.deepEqual(await create({ skipCertVerify: true, address: "http://ci.test" }), []);
});
