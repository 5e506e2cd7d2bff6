import assert from "node:assert/strict";
import { test } from "node:test";
import { mirroredReference, mirrorFault } from "../../../src/bases/mirrors";

const mirrors = {
    "docker.io": "harbor.example.com/dockerhub",
    "quay.io": "127.0.0.1:5000",
};

test("a mirror is asked for the same repository and tag below its prefix", () => {
    const asked = (reference: string) => mirroredReference(reference, mirrors);
    assert.equal(asked("golang:1.22"), "harbor.example.com/dockerhub/library/golang:1.22");
    assert.equal(asked("bitnami/redis:7"), "harbor.example.com/dockerhub/bitnami/redis:7");
    assert.equal(asked("quay.io/centos/centos:9"), "127.0.0.1:5000/centos/centos:9");
});

test("a registry without a mirror is asked itself", () => {
    assert.equal(
        mirroredReference("gcr.io/distroless/static:latest", mirrors),
        "gcr.io/distroless/static:latest",
    );
    assert.equal(mirroredReference("alpine:3", {}), "alpine:3");
});

test("Docker Hub's other names are its names here, too", () => {
    assert.equal(
        mirroredReference("alpine:3", { "index.docker.io": "mirror.example.com" }),
        "mirror.example.com/library/alpine:3",
    );
});

test("a mirror is a host, with a prefix or without", () => {
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
