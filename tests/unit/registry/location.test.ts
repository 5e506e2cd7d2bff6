import assert from "node:assert/strict";
import { test } from "node:test";
import { locate } from "../../../src/registry/location";

const parts = (reference: string) => {
    const { registry, server, repository, selector } = locate(reference);
    return [registry, server, repository, selector];
};

test("reads registry, repository and tag from a reference with a host", () => {
    assert.deepEqual(parts("harbor.example.com:8443/shop/fm/cache:dev__build"), [
        "harbor.example.com:8443",
        "harbor.example.com:8443",
        "shop/fm/cache",
        "dev__build",
    ]);
});

test("does not read a port as a tag, and defaults to the tag latest", () => {
    assert.deepEqual(parts("localhost:5000/fm"), [
        "localhost:5000",
        "localhost:5000",
        "fm",
        "latest",
    ]);
    assert.deepEqual(parts("localhost/fm"), ["localhost", "localhost", "fm", "latest"]);
    assert.deepEqual(parts("Host/fm"), ["Host", "Host", "fm", "latest"]);
});

test("prefers a digest to a tag", () => {
    assert.equal(locate("h.example/p/a:1@sha256:0a").selector, "sha256:0a");
    assert.equal(locate("h.example/p/a@sha256:0a").repository, "p/a");
});

test("resolves a reference without a host to Docker Hub and its server", () => {
    const hub = ["docker.io", "registry-1.docker.io"];
    assert.deepEqual(parts("acme/fm:cache"), [...hub, "acme/fm", "cache"]);
    assert.deepEqual(parts("golang"), [...hub, "library/golang", "latest"]);
    assert.deepEqual(parts("docker.io/golang:1.26"), [...hub, "library/golang", "1.26"]);
    assert.deepEqual(parts("index.docker.io/acme/fm"), [...hub, "acme/fm", "latest"]);
});
