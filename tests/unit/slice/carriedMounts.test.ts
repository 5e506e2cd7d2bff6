import assert from "node:assert/strict";
import { test } from "node:test";
import { type BuildOptions, parseDockerfile, resolveStages } from "../../../src/dockerfile";
import { findTargetReads } from "../../../src/dockerfile/targetReads";
import { restoreStages } from "../../../src/mounts/stages";
import { type AddedMounts, planMounts } from "../../../src/slice/carriedMounts";
import { sliceDockerfile } from "../../../src/slice/dockerfile";

interface Request {
    readonly added?: AddedMounts;
    readonly carries?: boolean;
    readonly options?: BuildOptions;
    readonly standIns?: ReadonlyMap<string, string>;
}

/** The slice of a Dockerfile's target, with its cache mounts. */
function slice(text: string, request: Request = {}) {
    const { added = {}, carries = true, options = {}, standIns = new Map() } = request;
    const dockerfile = parseDockerfile(text);
    const graph = resolveStages(dockerfile, options);
    const { stages } = findTargetReads(dockerfile, graph, options);
    const namespace = carries ? "r.io/shop" : undefined;
    const mounts = planMounts({ dockerfile, graph, options, stages, added, namespace, standIns });
    const { text: cut, lines } = sliceDockerfile(dockerfile, graph, { mounts, standIns });
    return { cut, lines, ...mounts };
}

const goBuild = "type=cache,target=/root/.cache/go-build";

test("orders a RUN with a cache mount after its restore, which comes before its stage", () => {
    const text = `FROM golang:1.26 AS build\nRUN --mount=${goBuild} go build\nFROM alpine\nCOPY --from=build /a /a\n`;
    const { cut, lines, carried } = slice(text);
    const [mount] = carried;
    assert.ok(mount);
    assert.deepEqual(carried, [
        {
            key: "65da92bb0a",
            id: "/root/.cache/go-build",
            name: "r.io/shop:/root/.cache/go-build",
            options: "type=cache,id=r.io/shop:/root/.cache/go-build",
            image: "golang:1.26",
            base: "golang:1.26",
        },
    ]);
    const flag =
        "--mount=type=bind,from=harbor-build-linux-restore-65da92bb0a,source=/.harbor-build-restored/done," +
        "target=/.harbor-build-65da92bb0a";
    assert.equal(
        cut,
        `${restoreStages(mount, String).join("\n")}\nFROM golang:1.26 AS build\nRUN ${flag} --mount=${goBuild},id=r.io/shop:/root/.cache/go-build go build\n` +
            "FROM alpine\nCOPY --from=build /a /a\n",
    );
    assert.deepEqual(lines, [0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4]);
});

test("spells its keywords as the Dockerfile does, and adds flags to a keyword on two lines", () => {
    const { cut } = slice(`from golang as build\nru\\\nn --mount=${goBuild} go build\n`);
    const keywords = cut.split("\n").map((line) => line.replace(/(?<=^\w+) .*(?= as )| .*/i, ""));
    assert.deepEqual(keywords, [
        "from as harbor-build-saved-65da92bb0a",
        "workdir",
        "from as harbor-build-linux-restore-65da92bb0a",
        "user",
        "workdir",
        "shell",
        "run",
        "from as build",
        "ru\\",
        "n",
        "",
    ]);
    assert.ok(cut.includes("\nru\\\nn --mount=type=bind,from=harbor-build-linux-restore-"), cut);
});

test("keeps a Dockerfile with cache mounts unchanged without carrying", () => {
    const text = `FROM golang AS build\nRUN --mount=${goBuild} go build\n`;
    assert.equal(slice(text, { carries: false }).cut, text);
});

test("adds cache mounts by an argument to each RUN of a stage without them", () => {
    const text =
        "FROM golang AS Build\nRUN go mod download\nRUN --mount=target=/go/pkg/mod,type=cache <<E\ngo build\nE\n" +
        "FROM alpine\nRUN x\nCOPY --from=build /a /a\n";
    const added = { build: ["/go/pkg/mod"], deps: ["/x"] };
    assert.equal(
        slice(text, { added, carries: false }).cut,
        text.replace("RUN go mod", "RUN --mount=type=cache,target=/go/pkg/mod go mod"),
    );
    assert.deepEqual(
        slice(text, { added }).carried.map(({ id }) => id),
        ["/go/pkg/mod"],
    );
});

test("gives mounts without an id of their own the id of the project, in the Dockerfile and by argument", () => {
    const text =
        "FROM node\nRUN --mount=type=cache,target=/a --network=none \\\n" +
        "  --mount=target=b,type=cache --mount=type=cache,id=/c,target=/d \\\n" +
        "  --mount=type=cache,id=npm,target=/e echo --mount=type=cache,target=/a\n";
    const { cut, carried } = slice(`${text.replace("node", "node AS s")}`, {
        added: { s: ["/f"] },
    });
    assert.deepEqual(
        carried.map(({ id, name }) => [id, name]),
        [
            ["/a", "r.io/shop:/a"],
            ["b", "r.io/shop:b"],
            ["/c", "r.io/shop:/c"],
            ["npm", "npm"],
            ["/f", "r.io/shop:/f"],
        ],
    );
    const run = cut.slice(cut.lastIndexOf("RUN")).replaceAll(/ --mount=type=bind\S*/g, "");
    assert.equal(
        run,
        "RUN --mount=type=cache,id=r.io/shop:/f,target=/f --mount=type=cache,target=/a,id=r.io/shop:/a --network=none \\\n" +
            "  --mount=target=b,type=cache,id=r.io/shop:b --mount=type=cache,id=/c,target=/d,id=r.io/shop:/c \\\n" +
            "  --mount=type=cache,id=npm,target=/e echo --mount=type=cache,target=/a\n",
    );
});

test("does not carry a mount without an id that is not written in one piece", () => {
    for (const mount of [
        '--mount="type=cache,target=/c"',
        "--mount=type=cache,\\\ntarget=/c",
        "--mount=type=cache,tar\\get=/c",
    ]) {
        const text = `FROM golang\nRUN ${mount} echo --mount=type=cache,target=/c\n`;
        assert.deepEqual(slice(text).notes, [
            "line 2: the cache mount /c is not carried: its --mount has quotes or escapes, or continues on another line; write it in one piece",
        ]);
        assert.equal(slice(text).cut, text);
        const named = text.replace("type=cache,", "type=cache,id=c,");
        assert.equal(slice(named).carried.length, 1);
    }
});

test("carries all or none of the mounts that RUNs share without an id of their own", () => {
    const fetch = "RUN --mount=type=cache,target=/go/pkg/mod go mod download\n";
    const build = "RUN --mount=type=cache,target=/go/pkg/mod GOPROXY=off go build\n";
    const last = "FROM scratch\nCOPY --from=build /a /a\n";
    const shares = (line: number, reason: string) =>
        `line ${line}: the cache mount /go/pkg/mod is not carried: ${reason}`;
    const quoted = fetch.replace(
        "type=cache,target=/go/pkg/mod",
        '"type=cache,target=/go/pkg/mod"',
    );
    const own =
        "its --mount has quotes or escapes, or continues on another line; write it in one piece";
    const texts: readonly (readonly [string, readonly string[]])[] = [
        [
            `FROM golang\n${fetch}FROM golang AS build\nCOPY --from=0 /src /src\n${build}${last}`,
            [
                shares(2, "a COPY --from names a stage by number; use the name of the stage"),
                shares(5, "the RUN in line 2 shares it, and its mount cannot be carried"),
            ],
        ],
        [
            `FROM golang AS build\n${quoted}${build}${last}`,
            [
                shares(2, own),
                shares(3, "the RUN in line 2 shares it, and its mount cannot be carried"),
            ],
        ],
        // A stage that this image does not need: the images of a component decide alike.
        [
            `FROM golang AS other\n${quoted}FROM golang AS build\n${build}${last}`,
            [shares(4, "the RUN in line 2 shares it, and its mount cannot be carried")],
        ],
    ];
    for (const [text, notes] of texts) {
        assert.deepEqual(slice(text).notes, notes);
        assert.deepEqual(slice(text).carried, []);
        assert.ok(slice(text).cut.includes(build), text);
        const added = { build: ["/go/pkg/mod"] };
        const unmounted = text.replace(build, "RUN go build\n");
        assert.deepEqual(slice(unmounted, { added }).notes, notes);
        assert.ok(
            slice(unmounted, { added }).cut.includes(
                "RUN --mount=type=cache,target=/go/pkg/mod go build\n",
            ),
        );
    }
    // With an id of its own, a mount keeps its name in each RUN.
    const named = texts[1]?.[0].replaceAll("type=cache,", "type=cache,id=m,") ?? "";
    assert.deepEqual(
        slice(named).carried.map(({ name }) => name),
        ["m"],
    );
    // BuildKit gives a mount that starts from an image a folder of its own.
    const filled = fetch.replace("type=cache,", "type=cache,from=alpine,");
    assert.equal(slice(`FROM golang AS build\n${filled}${build}${last}`).carried.length, 1);
});

test("carries no mount whose id another mount has by name, or may have", () => {
    const named =
        "FROM golang\nRUN --mount=type=cache,target=b x\nRUN --mount=type=cache,id=b,target=/c x\n";
    assert.deepEqual(slice(named).notes, [
        "line 2: the cache mount b is not carried: the RUN in line 3 shares it, and its mount has the same id by name",
    ]);
    assert.deepEqual(
        slice(named).carried.map(({ name }) => name),
        ["b"],
    );
    const unknown = (id: string) =>
        slice(
            `FROM golang\nARG ID\nRUN --mount=type=cache,target=/b x\nRUN --mount=type=cache,id=${id},target=/c x\n`,
            { options: { buildArgs: "unknown" } },
        );
    assert.equal(
        unknown("$ID").notes[0],
        "line 3: the cache mount /b is not carried: the RUN in line 4 may share it, and its mount cannot be carried",
    );
    assert.equal(unknown("$ID").carried.length, 0);
    assert.equal(unknown("go-$ID").carried.length, 1);
});

test("restores in the image of a stage, even if a stage has the same name", () => {
    const text =
        "FROM debian AS base\nFROM alpine AS debian\nFROM base AS build\n" +
        `RUN --mount=${goBuild} go build\nFROM debian\nCOPY --from=build /a /a\n`;
    assert.deepEqual(
        slice(text).carried.map(({ image }) => image),
        ["docker.io/library/debian"],
    );
    const scratch = text.replaceAll(/\bdebian/g, "scratch").replace("scratch", "golang");
    assert.deepEqual(slice(scratch).notes, [
        'line 4: the cache mount /root/.cache/go-build is not carried: a stage has the name "scratch"; give the stage another name',
    ]);
});

test("adds no mount where a RUN has one, however its path is written", () => {
    const added = { build: ["/root/.npm"] };
    const head = "FROM node AS build\nENV HOME=/root\nARG U=1000\nWORKDIR /root\n";
    for (const mount of [
        "type=cache,uid=$U,target=/root/.npm",
        "type=cache,mode=$U,gid=$U,target=/root/.npm",
        "type=cache,target=$HOME/.npm",
        "type=cache,target=.npm",
        "type=cache,target=/root/.npm/",
        "type=tmpfs,dst=/root/./.npm",
        "type=bind,source=npm,target=/root/.npm",
    ]) {
        const text = `${head}RUN --mount=${mount} npm ci\n`;
        assert.equal(slice(text, { added, carries: false }).cut, text);
    }
    const other = `${head}RUN --mount=type=cache,uid=$U,target=/c npm ci\n`;
    assert.equal(
        slice(other, { added, carries: false }).cut,
        other.replace("RUN", "RUN --mount=type=cache,target=/root/.npm"),
    );
});

test("adds no mount to a RUN that may have one there, and notes it", () => {
    const text =
        "FROM node AS build\nARG DIR\nRUN --mount=type=cache,target=$DIR/.npm npm ci\n" +
        "RUN --mount=type=cache,target=$DIR/.yarn yarn\n";
    const options = { added: { build: ["/root/.npm"] }, carries: false };
    const buildArgs = { DIR: { unknown: "DIR is known later" } };
    const { cut, notes } = slice(text, { ...options, options: { buildArgs } });
    assert.equal(
        cut,
        text.replace("RUN --mount=type=cache,target=$DIR/.y", (run) =>
            run.replace("RUN", "RUN --mount=type=cache,target=/root/.npm"),
        ),
    );
    assert.equal(notes.length, 1);
    assert.match(
        notes[0] ?? "",
        /^line 3: the cache mount \/root\/\.npm is not added: the RUN may have a mount there: .*DIR/,
    );
});

test("treats mounts with the same id as one mount, unless their owners differ", () => {
    const run = (options: string) => `RUN --mount=type=cache,id=npm,target=/c,${options} npm ci\n`;
    const text = `FROM node AS one\n${run("sharing=locked")}FROM node\n${run("sharing=locked")}${run("uid=1000,mode=0700")}COPY --from=one /a /a\n`;
    const { carried, before } = slice(text);
    assert.deepEqual(
        carried.map(({ options }) => options),
        ["type=cache,id=npm,sharing=locked", "type=cache,id=npm,uid=1000,mode=0700"],
    );
    assert.deepEqual(
        [...before].map(([stage, mounts]) => [stage, mounts.length]),
        [
            [0, 1],
            [1, 1],
        ],
    );
});

test("runs restores in the image below all stages, on its platform and under its pinned name", () => {
    const text =
        "ARG V=1.26\nFROM --platform=$BUILDPLATFORM golang:$V AS base\nFROM base AS build\n" +
        `RUN --mount=${goBuild} go build\nFROM --platform=linux/arm64 alpine\nRUN --mount=type=cache,target=/c x\nCOPY --from=build /a /a\n`;
    assert.deepEqual(
        slice(text, { standIns: new Map([["alpine", "alpine:latest-pinned"]]) }).carried.map(
            ({ image }) => image,
        ),
        ["--platform=$BUILDPLATFORM golang:1.26", "--platform=linux/arm64 alpine:latest-pinned"],
    );
});

test("notes a mount that cannot be carried, with its line", () => {
    const text =
        "FROM golang\nARG ID\nRUN --mount=type=cache,id=$ID,target=/a x\n" +
        "RUN --mount=type=cache,from=alpine,target=/b x\nRUN --mount=type=cache,id=a=b,target=/c x\n";
    const { notes, carried } = slice(text, { options: { buildArgs: "unknown" } });
    assert.deepEqual(carried, []);
    assert.deepEqual(
        notes.map((note) => note.slice(0, note.indexOf(" is not carried"))),
        ["line 3: a cache mount", "line 4: the cache mount /b", "line 5: the cache mount a=b"],
    );
    const numbered = `FROM golang AS build\nRUN --mount=${goBuild} x\nFROM alpine\nCOPY --from=0 /a /a\n`;
    assert.deepEqual(slice(numbered).notes, [
        "line 2: the cache mount /root/.cache/go-build is not carried: a COPY --from names a stage by number; use the name of the stage",
    ]);
    // The image of the stage alone makes the same decision, since both images share the step.
    const options = { target: "build" };
    assert.deepEqual(slice(numbered, { options }).carried, []);
    assert.equal(slice(numbered).cut, numbered);
    const scratch = `FROM scratch\nRUN --mount=${goBuild} x\n`;
    assert.deepEqual(slice(scratch).notes, [
        "line 2: the cache mount /root/.cache/go-build is not carried: its stage is not built on an image",
    ]);
    const shell = `FROM distroless AS tools\nFROM tools\nRUN --mount=${goBuild} ["/go"]\n`;
    assert.deepEqual(slice(shell).notes, [
        "line 3: the cache mount /root/.cache/go-build is not carried: the base image of its stage may have no /bin/sh; start the stage with a RUN in shell form to show that it has one",
    ]);
});
