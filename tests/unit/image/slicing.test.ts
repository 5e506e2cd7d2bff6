import assert from "node:assert/strict";
import { readdirSync, readFileSync, symlinkSync } from "node:fs";
import { posix } from "node:path";
import { before, test } from "node:test";
import * as pulumi from "@pulumi/pulumi";
import type { CachedImageArgs } from "../../../src/image/args";
import { planCachedImage } from "../../../src/image/plan";
import type { CachedImage } from "../../../src/index";
import { type Declarations, known, mockPulumi } from "../../support/mocks";
import { writeFolder } from "../../support/tinyProject";

const text = [
    "# what follows is built",
    "FROM golang AS build",
    "ARG V=1",
    "RUN --mount=type=secret,id=token make $V",
    "FROM alpine AS unused",
    "FROM alpine",
    "COPY --from=build /app /",
    "COPY conf.txt /",
    "",
].join("\n");
const context = writeFolder({ Dockerfile: text, "conf.txt": "", "README.md": "" });
const given = {
    buildArgs: { V: "2", W: "3" },
    secrets: { token: "a", other: "b" },
    ssh: [{}],
    namedContexts: { lib: "docker-image://alpine" },
} satisfies Partial<CachedImageArgs>;

let declared: Declarations;
let Component: typeof CachedImage;

before(async () => {
    declared = await mockPulumi({ config: { "harbor:url": "https://harbor.example.com" } });
    // The mocks must be set before the package loads Pulumi's resources.
    Component = require("../../../src/index").CachedImage;
});

/** What an image is given to be built from. */
async function inputsOf(name: string, args: Partial<CachedImageArgs>, image = `${name}-app`) {
    const component = new Component(name, { project: { name: "shop" }, context, ...args });
    await known(component.ref);
    const { inputs } = declared.find(image);
    // The component gives its inputs in these shapes.
    const { location } = inputs["dockerfile"] as { location: string };
    const { named = {} } = inputs["context"] as { named?: object };
    return {
        dockerfile: readFileSync(location, "utf8"),
        ignore: readFileSync(`${location}.dockerignore`, "utf8"),
        buildArgs: inputs["buildArgs"],
        secrets: inputs["ignoreSecretsInDiffCalculation"],
        ssh: inputs["ssh"],
        contexts: Object.keys(named),
    };
}

function plan(args: Partial<CachedImageArgs>) {
    const all = { project: { name: "shop" }, context, ...args };
    return planCachedImage("fm", all, {
        stack: "dev",
        configUrl: "https://harbor.example.com",
        environmentUrl: undefined,
        explicitProvider: false,
    });
}

const notes = (args: Partial<CachedImageArgs>) => {
    const decision = plan(args);
    return "plan" in decision ? decision.plan.notes : decision.faults;
};

test("gives an image only what its stages read", async () => {
    assert.deepEqual(await inputsOf("sliced", given, "sliced-stage-build"), {
        dockerfile: "FROM golang AS build\nARG V=1\nRUN --mount=type=secret,id=token make $V\n",
        ignore: "**\n!..\n",
        buildArgs: { V: "2" },
        secrets: ["token"],
        ssh: undefined,
        contexts: [],
    });
    assert.deepEqual(notes(given), []);
});

test("gives every image the whole Dockerfile and context with SlicePolicy.Whole, and logs it once", async () => {
    const args = { ...given, slicing: "whole" } as const;
    const all = {
        dockerfile: text,
        ignore: "",
        buildArgs: given.buildArgs,
        secrets: ["token", "other"],
        ssh: [{ id: "default" }],
        contexts: ["lib"],
    };
    assert.deepEqual(await inputsOf("whole", args), all);
    assert.deepEqual(await inputsOf("whole-stage", args, "whole-stage-stage-build"), all);
    assert.deepEqual(notes(args), [
        "builds from the whole Dockerfile and the whole context: SlicePolicy.Whole asks for it",
    ]);
});

test("passes on all build arguments when they are one unknown output", async () => {
    const buildArgs = pulumi.output(given.buildArgs);
    const { dockerfile, ...inputs } = await inputsOf("later", { ...given, buildArgs });
    assert.equal(dockerfile, text);
    assert.deepEqual(inputs.buildArgs, given.buildArgs);
    assert.deepEqual(inputs.secrets, ["token", "other"]);
    const promised = Promise.resolve(given.buildArgs);
    for (const buildArgs of [pulumi.output(given.buildArgs), promised]) {
        assert.deepEqual(notes({ buildArgs }), [
            "builds from the whole Dockerfile and the whole context: the build arguments are known only when the program runs",
        ]);
        assert.deepEqual(plan({ buildArgs, tagByContent: true }), {
            faults: [
                {
                    path: "tagByContent",
                    message:
                        "the tag depends on values that are known only when the program runs " +
                        "(buildArgs), and must be known before. Pass plain strings, or remove " +
                        "tagByContent",
                },
            ],
        });
    }
});

test("pins the bases of the whole Dockerfile that a newer frontend reads", () => {
    const folder = writeFolder({
        Dockerfile: "# syntax=docker/dockerfile:1.99\nFROM golang AS golang\nFROM alpine\n",
    });
    const decision = plan({ context: folder, baseImages: "pin", target: "golang" });
    assert.ok("plan" in decision, JSON.stringify(decision));
    const { slice } = decision.plan.builds[0]?.app ?? {};
    assert.deepEqual(slice?.pins, [
        { reference: "golang:latest", context: "golang:latest-pinned", line: 2 },
    ]);
    assert.match(
        String(slice?.dockerfile.text),
        /^# syntax=.*\nFROM golang:latest-pinned AS golang\n/,
    );
    assert.deepEqual(decision.plan.notes, [
        "builds from the whole Dockerfile and the whole context: the frontend docker/dockerfile:1.99 reads the file, possibly differently",
    ]);
});

test("leaves out the image of a stage that BuildKit cannot build alone", () => {
    const lines = [
        "FROM golang AS build",
        "COPY patches/*.patch /p/",
        "RUN make",
        "FROM scratch",
        "COPY patches/notes.txt /",
        "COPY --from=build /out /",
    ];
    const folder = writeFolder({ Dockerfile: lines.join("\n"), "patches/notes.txt": "" });
    const decision = plan({ context: folder });
    assert.ok("plan" in decision, JSON.stringify(decision));
    assert.deepEqual(decision.plan.builds[0]?.builderImages, []);
    const reason = `${folder}/Dockerfile: line 2: COPY patches/*.patch: nothing in "patches" matches, and BuildKit fails when it receives nothing from the folder before a wildcard; correct or remove the source`;
    assert.deepEqual(decision.plan.notes.slice(-1), [
        `the stage "build" has no separate image, because BuildKit cannot build it alone: ${reason}`,
    ]);
    assert.deepEqual(plan({ context: folder, builderStages: ["build"] }), {
        faults: [{ path: "dockerfile", message: reason }],
    });
});

test("builds from the whole with a frontend that is newer than the known ones", () => {
    const newer = writeFolder({
        Dockerfile: "# syntax=docker/dockerfile:1.99\nFROM alpine\nCOPY --new=a a /\nNEW a\n",
    });
    assert.deepEqual(notes({ context: newer }), [
        "builds from the whole Dockerfile and the whole context: the frontend docker/dockerfile:1.99 reads the file, possibly differently",
    ]);
});

test("rejects a Dockerfile with faults when it is cut, and builds it with SlicePolicy.Whole", async () => {
    const odd = writeFolder({ Dockerfile: "FROM alpine\nCOPY missing.txt /\nNEW instruction\n" });
    const decision = plan({ context: odd });
    assert.deepEqual("faults" in decision && decision.faults.map(({ message }) => message), [
        `${odd}/Dockerfile: line 3: unknown instruction NEW; if a newer frontend accepts it, use SlicePolicy.Whole`,
    ]);
    for (const line of ["NEW instruction", "COPY --from=later /x /", "COPY missing.txt /"]) {
        const Dockerfile = `FROM alpine AS first\n${line}\nFROM alpine AS later\nCOPY --from=first / /\n`;
        const args = { context: writeFolder({ Dockerfile }), target: "later" };
        assert.ok("faults" in plan(args), line);
        const { dockerfile } = await inputsOf(`odd${line.length}`, { ...args, slicing: "whole" });
        assert.equal(dockerfile, Dockerfile);
    }
});

test("logs one line with every reason why the whole context is sent", () => {
    const Dockerfile =
        "FROM golang AS build\nCOPY $A /\nRUN make\nFROM alpine\nCOPY --from=build /a /\nCOPY $B /\n";
    assert.deepEqual(notes({ context: writeFolder({ Dockerfile }) }), [
        "builds from the whole context: " +
            "line 2: COPY $A: $A is not set in the Dockerfile and the image golang may set it; " +
            "line 6: COPY $B: $B is not set in the Dockerfile and the image alpine may set it",
    ]);
});

test("warns once of files with secrets in what any stage reads, also in a folder of a named context", () => {
    const Dockerfile = [
        "FROM golang AS build",
        "COPY . .",
        "RUN make",
        "FROM alpine",
        "COPY tls tls",
        "COPY --from=lib / /lib",
        "COPY --from=build /app /",
        "",
    ].join("\n");
    const files = { Dockerfile, ".env": "", "tls/server.pem": "", ".dockerignore": ".npmrc\n" };
    const lib = writeFolder({ ".npmrc": "" });
    const decision = plan({
        context: writeFolder({ ...files, ".npmrc": "" }),
        namedContexts: { lib },
    });
    assert.ok("plan" in decision);
    assert.deepEqual(
        decision.plan.warnings.map((warning) => /\((.*)\)/.exec(warning)?.[1]),
        [".env, .npmrc, tls/server.pem"],
    );
});

test("warns once of a context above its limits, and builds", () => {
    const decision = plan({ contextLimits: { filesMax: 0 } });
    assert.ok("plan" in decision);
    assert.deepEqual(
        decision.plan.warnings.map((warning) => warning.replace(/;.*/, "")),
        [
            "the build reads 1 files (0 B), more than contextLimits allows without this warning (0 files, " +
                "2.0 GiB). Add files that the build does not need to .dockerignore, or raise the limits",
        ],
    );
    const usual = plan({});
    assert.deepEqual("plan" in usual && usual.plan.warnings, []);
});

test("gives docker-build a copy of a named context that contains the generated files", async () => {
    const program = writeFolder({
        "app/Dockerfile": "FROM scratch\nCOPY --from=repo . /\nCOPY --from=lib a /\n",
        "lib/a": "",
    });
    const before = process.cwd();
    process.chdir(program);
    try {
        const args = { context: "app", namedContexts: { repo: ".", lib: "lib" } };
        const component = new Component("copied", { project: { name: "shop" }, ...args });
        await known(component.ref);
        const { named } = Object(declared.find("copied-app").inputs["context"]);
        assert.equal(named.lib.location, "lib");
        const folder = ".harbor-build/dev/harbor.example.com/shop/copied/app";
        assert.equal(posix.dirname(named.repo.location), folder);
        assert.deepEqual(readdirSync(named.repo.location).sort(), ["app", "lib"]);
    } finally {
        process.chdir(before);
    }
});

test("refuses a link in place of the folder of generated files", () => {
    const program = writeFolder({ "app/Dockerfile": "FROM scratch\nCOPY . /\n" });
    const before = process.cwd();
    process.chdir(program);
    try {
        symlinkSync("app", ".harbor-build");
        assert.throws(
            () => new Component("linked", { project: { name: "shop" }, context: "app" }),
            {
                name: "UserError",
                message:
                    'CachedImage "linked": an argument is invalid.\n  .harbor-build: this is a link ' +
                    'to "app"; expected a folder that only harbor-build writes, because the component ' +
                    "replaces and deletes files in it. Delete the link",
            },
        );
        assert.deepEqual(readdirSync("app"), ["Dockerfile"]);
    } finally {
        process.chdir(before);
    }
});
