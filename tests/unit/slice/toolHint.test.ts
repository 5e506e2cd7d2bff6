import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { parseDockerfile, resolveStages } from "../../../src/dockerfile";
import { findTargetReads } from "../../../src/dockerfile/targetReads";
import { planMounts } from "../../../src/slice/carriedMounts";
import { cargoWarnings, toolHint } from "../../../src/slice/toolHint";

function hint(text: string, added = {}) {
    const dockerfile = parseDockerfile(text);
    const { stages } = findTargetReads(dockerfile, resolveStages(dockerfile));
    return toolHint(dockerfile, stages, added);
}

const go =
    "FROM golang AS build\nRUN set -e; \\\n  go build -o /app\nFROM alpine\nCOPY --from=build /app /\n";

test("names the mounts of a program that runs without its cache", () => {
    assert.deepEqual(hint(go), [
        'line 2: "go build" starts without its cache on a new runner. Fix: add cacheMounts: ' +
            '{ "build": ["/root/.cache/go-build", "/go/pkg/mod"] } and cache: { carryMounts: true }. ' +
            "With carried mounts, new runners built a changed Go program in 15 to 35 % of the time.",
    ]);
});

test("promises times only for Go, for which they were measured", () => {
    assert.deepEqual(hint("FROM node AS deps\nRUN npm ci\n"), [
        'line 2: "npm ci" starts without its cache on a new runner. Fix: add cacheMounts: ' +
            '{ "deps": ["/root/.npm/_cacache"] } and cache: { carryMounts: true }.',
    ]);
});

test("one hint is enough, for the first program", () => {
    const text =
        "FROM node AS deps\nRUN npm ci && pip install x\nFROM deps AS app\nRUN pnpm install\n";
    assert.deepEqual(
        hint(text).map((line) => /"[^"]*"/.exec(line)?.[0]),
        ['"npm ci"'],
    );
});

test("gives no hint for stages with mounts or without names, or for words that are not commands", () => {
    assert.deepEqual(hint(go, { Build: ["/root/.cache/go-build"] }), []);
    assert.deepEqual(hint(go.replace("RUN", "RUN --mount=type=cache,target=/c")), []);
    assert.deepEqual(hint("FROM golang\nRUN go build\n"), []);
    assert.deepEqual(hint("FROM golang AS a\nRUN cargo-go building && echo mvnw > /x\n"), []);
});

test("names folders of downloads and results, and no folder that can contain logins", () => {
    const named = (command: string) =>
        JSON.parse(/: (\[.*?\])/.exec(hint(`FROM x AS a\nRUN ${command}\n`).join())?.[1] ?? "[]");
    const commands = "npm ci,pnpm i,yarn,pip install x,uv sync,poetry install,cargo build,mvn";
    const all = [...commands.split(","), "./gradlew build", "dotnet build", "composer install"];
    const found = Object.fromEntries(all.map((one) => [one, named(one)]));
    const guide = readFileSync("docs/guides/cache-mounts.md", "utf8");
    const cells = [...guide.matchAll(/^\| [^|]+ \| ([^|]+) \|/gm)].map(([, cell]) => cell);
    for (const path of Object.values(found).flat()) {
        assert.ok(cells.join().includes(`\`${path}\``), `the guide does not name ${path}`);
    }
    assert.deepEqual(found, {
        "npm ci": ["/root/.npm/_cacache"],
        "pnpm i": ["/root/.local/share/pnpm/store"],
        yarn: ["/usr/local/share/.cache/yarn"],
        "pip install x": ["/root/.cache/pip"],
        "uv sync": ["/root/.cache/uv"],
        "poetry install": ["/root/.cache/pypoetry/cache", "/root/.cache/pypoetry/artifacts"],
        "cargo build": ["/usr/local/cargo/registry", "/usr/local/cargo/git"],
        mvn: ["/root/.m2/repository"],
        "./gradlew build": ["/root/.gradle/caches", "/root/.gradle/wrapper"],
        "dotnet build": ["/root/.nuget/packages"],
        "composer install": ["/root/.composer/cache"],
    });
});

test("warns about Cargo's target in a mount, unless the step makes the sources newer first", () => {
    const warnings = (run: string, added = {}, namespace: string | undefined = "shop") => {
        const dockerfile = parseDockerfile(`FROM rust AS build\nWORKDIR /src\nRUN ${run}\n`);
        const graph = resolveStages(dockerfile);
        const { stages } = findTargetReads(dockerfile, graph);
        const request = { dockerfile, graph, stages, added, namespace, standIns: new Map() };
        return cargoWarnings(planMounts(request).targets);
    };
    const mount = "--mount=type=cache,target";
    const expected = [
        "line 3: Cargo compiles a changed file only if the file is newer than the last build in /src/target, which cache.carryMounts restores. The image could contain an old program. Fix: let the RUN first `touch` the files of the context, or keep this mount out of Dockerfile and cacheMounts.",
    ];
    assert.deepEqual(warnings(`${mount}=/src/target cargo build`), expected);
    assert.deepEqual(warnings(`${mount}=target \\\n  cargo build`), expected);
    assert.deepEqual(warnings(`${mount}=/c cargo build`, { Build: ["/src/target"] }), expected);
    assert.deepEqual(warnings(`${mount}=target cargo +nightly build && touch /done`), expected);
    assert.deepEqual(
        warnings("apt-get install -y cargo build-essential", { build: ["/src/target"] }),
        [],
    );
    assert.deepEqual(warnings("cargo build", { other: ["/src/target"] }), []);
    assert.deepEqual(warnings(`${mount}=/src/target touch src/*.rs && cargo build`), []);
    assert.deepEqual(warnings(`${mount}=/usr/local/cargo/registry cargo build`), []);
    assert.deepEqual(warnings("--mount=type=bind,target=/src/target cargo build"), []);
    assert.deepEqual(warnings(`${mount}=/src/target mvn package`), []);
    const notCarried = `${mount}=/src/target,from=seed cargo build`;
    assert.deepEqual(warnings(notCarried), []);
    assert.deepEqual(warnings(notCarried, { build: ["/c"] }), []);
});
