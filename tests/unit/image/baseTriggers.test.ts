import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { CachedImageArgs } from "../../../src/image/args";
import { baseCheck } from "../../../src/image/baseTriggers";
import { planCachedImage } from "../../../src/image/plan";
import { writeFolder } from "../../support/tinyProject";

const lines = [
    "ARG GLOBAL=1",
    "FROM scratch AS tools",
    "COPY tool.txt /",
    "FROM alpine AS other",
    "FROM trigger:1 AS app",
    "COPY conf.txt /",
];
const context = writeFolder({
    Dockerfile: `${lines.join("\n")}\n`,
    "conf.txt": "",
    "tool.txt": "",
    "package.json": "",
});
const args: CachedImageArgs = {
    project: { name: "shop" },
    context,
    buildArgs: { V: "1", W: "2" },
    secrets: { token: "x" },
    ssh: [{}],
    namedContexts: { lib: "docker-image://lib" },
};

function checkOf(more: Partial<CachedImageArgs> = {}, target?: string) {
    const all = { ...args, ...more };
    const decision = planCachedImage("fm", all, {
        stack: "dev",
        configUrl: "https://harbor.example.com",
        environmentUrl: undefined,
        explicitProvider: false,
    });
    assert.ok("plan" in decision, JSON.stringify(decision));
    return baseCheck("fm", all, decision.plan, { target });
}

/** The fault of an image whose base has triggers. */
function verdict(triggers: readonly string[], more: Partial<CachedImageArgs> = {}) {
    const known = new Map([["trigger:1", { env: { DIR: "/app" }, triggers }]]);
    return checkOf(more).judge(known);
}

const refusal = (trigger: string, gap: string) =>
    [
        'CachedImage "fm": an argument is invalid.',
        `  slicing: the base image "trigger:1" (${context}/Dockerfile, line 5) has the trigger "ONBUILD ${trigger}", which needs more than the component gives the build: ${gap}. Use SlicePolicy.Whole.`,
    ].join("\n");

test("asks for the base images of the stages that are built", () => {
    const bases = (more: Partial<CachedImageArgs>) =>
        checkOf(more).bases.map(({ reference, asked, platform }) => [reference, asked, platform]);
    assert.deepEqual(bases({}), [["trigger:1", "trigger:1", undefined]]);
    assert.deepEqual(bases({ platforms: ["linux/arm"] }), [
        ["trigger:1", "trigger:1", "linux/arm/v7"],
    ]);
    assert.deepEqual(bases({ baseImageMirrors: { "docker.io": "harbor.example.com/hub" } }), [
        ["trigger:1", "harbor.example.com/hub/library/trigger:1", undefined],
    ]);
    assert.deepEqual(bases({ namedContexts: { "trigger:1": "docker-image://mine:2" } }), [
        ["mine:2", "mine:2", undefined],
    ]);
    assert.deepEqual(bases({ namedContexts: { "trigger:1": context } }), []);
    assert.deepEqual(bases({ slicing: "whole" }), []);
});

test("finds the image of the last stage for an empty target, as docker-build writes it", () => {
    for (const target of [undefined, "", "app"]) {
        const more = target === "app" ? { target } : {};
        assert.equal(checkOf(more, target).bases.length, 1);
    }
    assert.equal(checkOf({}, "tools").bases.length, 0);
});

test("accepts triggers that read nothing, or what the image has anyway", () => {
    for (const trigger of [
        "RUN make",
        "ENV A=1",
        "COPY conf.txt /x/",
        "ARG X=1",
        "ARG V=1",
        "ARG GLOBAL=2",
    ]) {
        assert.equal(verdict([trigger]), undefined, trigger);
    }
    assert.equal(verdict(["COPY conf*.txt $DIR"]), undefined);
    assert.equal(verdict([]), undefined);
});

test("names the trigger that reads what the slice leaves out, and the missing files", () => {
    const gaps = {
        "COPY . /app": 'the file "Dockerfile"',
        "COPY package.json /app/": 'the file "package.json"',
        "ADD *.json /app/": 'the file "package.json"',
        "RUN --mount=source=package.json,target=/p true": 'the file "package.json"',
        "COPY --from=tools / /": 'the stage "tools"',
        "COPY --from=0 / /": 'the stage "tools"',
        "RUN --mount=from=tools,target=/t true": 'the stage "tools"',
        "ARG GLOBAL": "line 1 of the Dockerfile",
        "ARG V": 'the build argument "V"',
        "ARG V=2": 'the build argument "V"',
        "RUN --mount=type=secret,id=token true": 'the secret "token"',
        "RUN --mount=type=ssh true": 'the ssh id "default"',
        "COPY --from=lib / /": 'the named context "lib"',
        "COPY gone.txt /": 'COPY gone.txt: "gone.txt" does not exist in the context',
    };
    for (const [trigger, gap] of Object.entries(gaps)) {
        assert.equal(verdict(["RUN first", trigger, "COPY last /"]), refusal(trigger, gap));
        assert.equal(verdict([trigger], { slicing: "whole" }), undefined);
    }
});

test("refuses triggers that do work when cache mounts are carried on the base image", () => {
    const text = "FROM trigger:1\nRUN --mount=type=cache,target=/m true\nCOPY conf.txt /\n";
    const folder = writeFolder({ Dockerfile: text, "conf.txt": "" });
    const carrying = { context: folder, cache: { carryMounts: true } };
    for (const trigger of ["COPY conf.txt /x/", "ADD conf.txt /x/", "RUN make"]) {
        assert.equal(
            verdict(["ENV A=1", trigger], carrying),
            [
                'CachedImage "fm": an argument is invalid.',
                `  cache.carryMounts: the base image "trigger:1" (${folder}/Dockerfile, line 1) has the trigger "ONBUILD ${trigger}", which would also run in the stages that restore and save cache mounts. Leave carryMounts off.`,
            ].join("\n"),
        );
        assert.equal(verdict([trigger], { context: folder }), undefined);
    }
    assert.equal(verdict(["ENV A=1", "USER app", "ARG X=1"], carrying), undefined);
});

test("names an empty folder that only a trigger copies", () => {
    const folder = writeFolder({ Dockerfile: "FROM trigger:1\n" });
    mkdirSync(join(folder, "plugins"));
    const said = verdict(["COPY plugins /plugins/"], { context: folder });
    assert.match(String(said), /: the empty folder "plugins"\. Use SlicePolicy\.Whole\.$/);
});

test("needs every earlier stage for a trigger that names a stage by number", () => {
    const judge = (from: string) => {
        const text = [
            "FROM scratch",
            "FROM scratch AS tools",
            "COPY tool.txt /",
            "FROM alpine AS other",
            "FROM trigger:1 AS app",
            `COPY --from=${from} / /`,
        ].join("\n");
        const folder = writeFolder({ Dockerfile: text, "tool.txt": "" });
        const said = verdict(["COPY --from=1 / /"], { context: folder });
        return said?.replaceAll(folder, context);
    };
    assert.equal(
        judge("tools"),
        refusal(
            "COPY --from=1 / /",
            "it names a stage by number, and leaving out other stages changes that number",
        ),
    );
    assert.equal(judge("1"), undefined);
});

test("knows variables of the base and of earlier triggers", () => {
    assert.equal(verdict(["ARG F=conf", "COPY $F.txt /"]), undefined);
    assert.equal(
        verdict(["ARG F=package", "COPY $F.json /"]),
        refusal("COPY $F.json /", 'the file "package.json"'),
    );
});

test("judges the triggers of an image from a named context as those of an image in FROM", () => {
    const namedContexts = { "trigger:1": "docker-image://mine:2" };
    const judge = (trigger: string) =>
        checkOf({ namedContexts }).judge(
            new Map([["mine:2", { env: { F: "package" }, triggers: [trigger] }]]),
        );
    for (const trigger of ["RUN true", "COPY conf.txt /x/"]) {
        assert.equal(judge(trigger), undefined, trigger);
    }
    assert.equal(
        judge("COPY $F.json /"),
        refusal("COPY $F.json /", 'the file "package.json"').replace('"trigger:1"', '"mine:2"'),
    );
});

test("judges a trigger of an image that replaces a stage by the stages that it names", () => {
    const more = { target: "app", namedContexts: { app: "docker-image://mine:2" } };
    const judge = (trigger: string) =>
        checkOf(more, "app").judge(new Map([["mine:2", { env: {}, triggers: [trigger] }]]));
    for (const trigger of ["RUN true", "COPY package.json /", "COPY gone.txt /"]) {
        assert.equal(judge(trigger), undefined, trigger);
    }
    assert.match(String(judge("COPY --from=tools / /")), /gives the build: the stage "tools"\./);
});

test("asks no registry for a named context that is scratch", () => {
    const namedContexts = { "trigger:1": "docker-image://scratch" };
    assert.deepEqual(checkOf({ namedContexts, baseImages: "pin" }).bases, []);
});
