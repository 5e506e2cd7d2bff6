import assert from "node:assert/strict";
import { test } from "node:test";
import { findRegistryHost } from "../../../src/access/registryHost";

type Sources = Parameters<typeof findRegistryHost>[1];

const find = ({ registry, ...sources }: Partial<Sources> & { readonly registry?: string }) =>
    findRegistryHost(registry, {
        explicitProvider: false,
        configUrl: "https://harbor.example.com",
        environmentUrl: undefined,
        declaresAccounts: true,
        ...sources,
    });

test("refuses another registry, which would get the secrets of new robot accounts", () => {
    const message =
        '"other.test" is another host than Harbor\'s, "harbor.example.com", and would get the secrets of new robot accounts. Expected "harbor.example.com". Remove registry, give credentials of the other registry, or give its Harbor provider in the options';
    const fault = { fault: { path: "registry", message } };
    assert.deepEqual(find({ registry: "other.test" }), fault);
    assert.deepEqual(
        find({
            registry: "other.test",
            configUrl: undefined,
            environmentUrl: "https://harbor.example.com/",
        }),
        fault,
    );
});

test("accepts another registry with an account or a Harbor provider of its own", () => {
    const other = { host: "other.test" };
    assert.deepEqual(find({ registry: "other.test", declaresAccounts: false }), other);
    assert.deepEqual(find({ registry: "other.test", explicitProvider: true }), other);
    assert.deepEqual(find({ registry: "other.test", configUrl: undefined }), other);
    assert.deepEqual(find({ registry: "other.test", configUrl: "unix:/run/harbor" }), other);
});

test("accepts Harbor's own host, with any port", () => {
    for (const registry of [
        "harbor.example.com",
        "harbor.example.com:443",
        "harbor.example.com:8443",
    ]) {
        assert.deepEqual(find({ registry }), { host: registry });
    }
});

test("does not quote the login in an address", () => {
    assert.deepEqual(find({ configUrl: "ftp://me:secret@h" }), {
        fault: {
            path: "registry",
            message:
                '"ftp://h" of the configuration harbor:url is not a Harbor URL; expected https://HOST or http://HOST',
        },
    });
    const environment = { configUrl: undefined, environmentUrl: "nowhere" };
    assert.deepEqual(find(environment), {
        fault: {
            path: "registry",
            message:
                '"nowhere" of the variable HARBOR_URL is not a Harbor URL; expected https://HOST or http://HOST',
        },
    });
});
