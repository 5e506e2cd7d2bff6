import assert from "node:assert/strict";
import { test } from "node:test";
import { mirroredReference, mirrorFault } from "../../../src/bases/mirrors";

const mirrors = {
    "docker.io": "harbor.example.com/dockerhub",
    "quay.io": "127.0.0.1:5000",
};

test("asks a mirror for the same repository and tag below its prefix", () => {
    const asked = (reference: string) => mirroredReference(reference, mirrors);
    assert.equal(asked("golang:1.22"), "harbor.example.com/dockerhub/library/golang:1.22");
    assert.equal(asked("bitnami/redis:7"), "harbor.example.com/dockerhub/bitnami/redis:7");
    assert.equal(asked("quay.io/centos/centos:9"), "127.0.0.1:5000/centos/centos:9");
});

test("asks a registry without a mirror directly", () => {
    assert.equal(
        mirroredReference("gcr.io/distroless/static:latest", mirrors),
        "gcr.io/distroless/static:latest",
    );
    assert.equal(mirroredReference("alpine:3", {}), "alpine:3");
});

test("knows Docker Hub's other names", () => {
    assert.equal(
        mirroredReference("alpine:3", { "index.docker.io": "mirror.example.com" }),
        "mirror.example.com/library/alpine:3",
    );
});

test("accepts a host as mirror, with or without a prefix", () => {
    for (const mirror of ["harbor.example.com", "harbor.example.com/a/b", "localhost:5000/x"]) {
        assert.equal(mirrorFault(mirror), undefined, mirror);
    }
    const expected =
        "expected HOST or HOST/PREFIX without scheme, such as harbor.example.com/dockerhub";
    for (const mirror of ["https://harbor.example.com", "dockerhub", "", "harbor.example.com:0"]) {
        assert.equal(mirrorFault(mirror), expected, mirror);
    }
    assert.match(
        String(mirrorFault("harbor.example.com/Docker")),
        /^"Docker" is not a path component/,
    );
    assert.match(String(mirrorFault("harbor.example.com/")), /^"" is not a path component/);
});
