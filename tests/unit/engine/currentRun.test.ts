import assert from "node:assert/strict";
import { test } from "node:test";
import * as pulumi from "@pulumi/pulumi";
import { currentRun, OncePerRun, PerRun } from "../../../src/engine/currentRun";
import { hookName } from "../../../src/engine/hook";
import { construct, inline } from "./constructs";

test("a program in another language is one run, although each component has a client of the engine", () => {
    const clients = ["a", "b"].map(() =>
        construct("127.0.0.1:4001", () => pulumi.runtime.getMonitor()),
    );
    assert.notEqual(clients[0], clients[1]);
    const names = new PerRun<string[]>(() => []);
    for (const name of ["a", "b"]) {
        construct("127.0.0.1:4001", () => names.current.push(name));
    }
    construct("127.0.0.1:4002", () => names.current.push("c"));
    assert.deepEqual(
        construct("127.0.0.1:4001", () => names.current),
        ["a", "b"],
    );
    assert.deepEqual(
        construct("127.0.0.1:4002", () => names.current),
        ["c"],
    );
});

test("gives the hooks of two components with one name different names", () => {
    const names = ["a", "b"].map(() => construct("127.0.0.1:4003", () => hookName("fm", "cache")));
    assert.deepEqual(names, ["harbor-build:fm:cache", "harbor-build:fm:cache#2"]);
});

test("inline programs are separate runs, even with the address of an earlier engine", () => {
    const names = new PerRun<string[]>(() => []);
    const runs = ["a", "b"].map((name) =>
        inline("127.0.0.1:4004", () => {
            names.current.push(name);
            return names.current;
        }),
    );
    assert.deepEqual(runs, [["a"], ["b"]]);
});

test("asks a question once for all components of a run", async () => {
    const questions = new OncePerRun<number>();
    let asked = 0;
    const answers = [4005, 4005, 4006].map((port) =>
        construct(`127.0.0.1:${port}`, () => questions.ask("key", async () => ++asked)),
    );
    assert.deepEqual(await Promise.all(answers), [1, 1, 2]);
});

test("forgets a run after 16 later ones", () => {
    const run = (port: number) => construct(`127.0.0.1:${port}`, currentRun);
    const first = run(5000);
    for (let port = 5001; port <= 5015; port++) run(port);
    assert.equal(run(5000), first);
    for (let port = 5001; port <= 5016; port++) run(port);
    assert.notEqual(run(5000), first);
});
