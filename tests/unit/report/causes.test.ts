import assert from "node:assert/strict";
import { test } from "node:test";
import { causesOf } from "../../../src/report/causes";

const digest = (digit: string) => `sha256:${digit.repeat(64)}`;
const base = (name: string, digit: string) => ({
    context: { named: { [name]: { location: `docker-image://${name}@${digest(digit)}` } } },
});

const cases: readonly [string, object | undefined, object, readonly string[]][] = [
    ["no image before", undefined, {}, ["new image"]],
    [
        "equal inputs",
        { tags: ["a"], target: "" },
        { tags: ["a"], labels: {} },
        ["the files or the Dockerfile that it reads changed"],
    ],
    [
        "a moved base image",
        base("golang:1.26", "a"),
        base("golang:1.26", "b"),
        ["base image golang:1.26 moved from sha256:aaaaaaaaaaaa to sha256:bbbbbbbbbbbb"],
    ],
    [
        "another builder",
        { builder: { name: "a" } },
        { builder: { name: "b" } },
        ["the builder changed"],
    ],
    ["a base image that is read now", {}, base("a", "a"), ["a is read for the first time"]],
    ["a base image that is not read now", base("a", "a"), {}, ["a is no longer read"]],
    [
        "build arguments",
        { buildArgs: { A: "1", B: "1" } },
        { buildArgs: { A: "2", B: "1", C: "1" } },
        ["build argument A changed", "build argument C changed"],
    ],
    [
        "a new secret, and one with another value",
        { secrets: { a: "1" } },
        { secrets: { a: "2", b: "1" } },
        ["secret b was added or removed"],
    ],
    [
        "tags and cache",
        { tags: ["a"], cacheFrom: [] },
        { tags: ["b"], cacheFrom: [{ registry: { ref: "x" } }] },
        ["the tags changed", "the cache sources changed"],
    ],
];

for (const [name, before, after, causes] of cases) {
    test(`finds the cause of a build: ${name}`, () => {
        assert.deepEqual(causesOf(before as never, after as never), causes);
    });
}
