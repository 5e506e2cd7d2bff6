import assert from "node:assert/strict";
import { test } from "node:test";
import { locate } from "../../../src/registry/location";

const parts = (reference: string) => {
    const { registry, server, repository, selector } = locate(reference);
    return [registry, server, repository, selector];
};

test("a reference with a host names registry, repository and tag", () => {
    assert.deepEqual(parts("harbor.example.com:8443/shop/fm/cache:dev__build"), [
        "harbor.example.com:8443",
        "harbor.example.com:8443",
        "shop/fm/cache",
        "dev__build",
    ]);
});

test("a port is no tag, and no tag is latest", () => {
    assert.deepEqual(parts("localhost:5000/fm"), [
        "localhost:5000",
        "localhost:5000",
        "fm",
        "latest",
    ]);
    assert.deepEqual(parts("localhost/fm"), ["localhost", "localhost", "fm", "latest"]);
});

test("a digest wins over a tag", () => {
    assert.equal(locate("h.example/p/a:1@sha256:0a").selector, "sha256:0a");
    assert.equal(locate("h.example/p/a@sha256:0a").repository, "p/a");
});

test("what has no host is Docker Hub's, whose registry has another name", () => {
    const hub = ["docker.io", "registry-1.docker.io"];
    assert.deepEqual(parts("acme/fm:cache"), [...hub, "acme/fm", "cache"]);
    assert.deepEqual(parts("golang"), [...hub, "library/golang", "latest"]);
    assert.deepEqual(parts("docker.io/golang:1.26"), [...hub, "library/golang", "1.26"]);
    assert.deepEqual(parts("index.docker.io/acme/fm"), [...hub, "acme/fm", "latest"]);
});
