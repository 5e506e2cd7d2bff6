import assert from "node:assert/strict";
import { test } from "node:test";
import { formatReference, hostFault, repositoryFault, tagFault } from "../../../src/oci/reference";

test("writes a reference as host, repository, tag and digest", () => {
    const digest = `sha256:${"a".repeat(64)}`;
    const name = { registry: "harbor.example.com:8443", repository: "shop/fm" };
    assert.equal(formatReference(name), "harbor.example.com:8443/shop/fm");
    assert.equal(formatReference({ ...name, tag: "1.4" }), "harbor.example.com:8443/shop/fm:1.4");
    assert.equal(
        formatReference({ ...name, tag: "1.4", digest }),
        `harbor.example.com:8443/shop/fm:1.4@${digest}`,
    );
});

test("accepts tags of the OCI distribution grammar", () => {
    for (const tag of ["1", "v1.2.3", "_x", "A-b.c_d", "a".repeat(128)]) {
        assert.equal(tagFault(tag), undefined, tag);
    }
    assert.equal(tagFault(""), "a tag may not be empty");
    assert.equal(tagFault("a".repeat(129)), "a tag may have 128 characters, this tag has 129");
    const grammar =
        "a tag consists of letters, digits, '_', '.' and '-', and does not start with '.' or '-'";
    for (const tag of [".a", "-a", "a/b", "a:b", "a b", "ä"]) {
        assert.equal(tagFault(tag), grammar, tag);
    }
});

test("accepts repositories of lower-case path components", () => {
    for (const repository of ["fm", "shop/fm", "shop/fm/cache", "a__b/c--d/e.f"]) {
        assert.equal(repositoryFault(repository), undefined, repository);
    }
    for (const [repository, component] of [
        ["Shop/fm", "Shop"],
        ["shop//fm", ""],
        ["shop/fm_", "fm_"],
        ["shop/a___b", "a___b"],
        ["", ""],
    ] as const) {
        assert.equal(
            repositoryFault(repository),
            `"${component}" is not a path component: lower-case letters and digits, with single '.', '_', '__' or '-' between them`,
        );
    }
    assert.equal(
        repositoryFault("a".repeat(256)),
        "a repository may have 255 characters, this repository has 256",
    );
});

test("accepts a host with an optional port as registry, and nothing else", () => {
    for (const host of ["harbor.example.com", "localhost", "127.0.0.1:8443", "[::1]:5000"]) {
        assert.equal(hostFault(host), undefined, host);
    }
    for (const host of ["https://harbor.example.com", "harbor.example.com/shop", "", "a b", "-a"]) {
        assert.equal(hostFault(host), "expected HOST or HOST:PORT, without scheme and path");
    }
    assert.equal(hostFault("localhost:70000"), "port 70000 is not between 1 and 65535");
});
