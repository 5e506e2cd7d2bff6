import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readdirSync } from "node:fs";
import { cp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout } from "node:timers/promises";
import { createServer as createSecureServer } from "node:tls";
import type { Measurement } from "../../../tools/bench/arena";
import { groupsOf } from "../../../tools/bench/cases";
import { requestOf } from "../../../tools/bench/extent";
import { writePage } from "../../../tools/bench/page";
import { Processes } from "../../../tools/bench/processes";
import { Progress } from "../../../tools/bench/progress";
import { startRelay } from "../../../tools/bench/relay";
import { reportOf, resultsOf } from "../../../tools/bench/report";
import { runMatch, type Series } from "../../../tools/bench/rounds";
import { monorepo, quickstart, samples, withMounts } from "../../../tools/bench/samples";
import { median, pairedRatios, spreadOf } from "../../../tools/bench/statistics";
import type { Match, Subject } from "../../../tools/bench/subject";
import { ensureCertificates } from "../../../tools/sandbox/certificates";

const builds = [
    {
        ref: "one",
        target: "",
        startedMs: 0,
        endedMs: 1600,
        vertices: [
            {
                name: "[internal] load build definition from Dockerfile",
                cached: false,
                ms: 1,
            },
            { name: "[build 1/3] FROM golang:1.26", cached: false, ms: 1 },
            { name: "[build 2/3] COPY go.mod ./", cached: true, ms: 1 },
            { name: "[build 3/3] RUN go build", cached: false, ms: 1 },
        ],
        unpacked: ["sha256:a", "sha256:b"],
        output: "",
        unpackMs: 1500,
    },
];

function measurement(wallMs: number): Measurement {
    return {
        wallMs,
        cpuMs: wallMs / 2,
        peakRssMb: 300,
        builds,
        traffic: { pulled: 1000, pushed: 50 },
    };
}

function series(subject: string, timesMs: readonly number[]): Series {
    const key = {
        case: "cold",
        subject,
        project: "quickstart",
        images: 1,
        reference: "makefile",
    };
    return { ...key, measurements: timesMs.map(measurement) };
}

const measured = [
    series("floor", [1000, 1000, 1000]),
    series("harbor-build", [1000, 2000, 6000]),
    series("makefile", [2000, 8000, 6000]),
];

test("takes the mean of the two middle values as the median of an even number", () => {
    assert.equal(median([9, 1, 3]), 3);
    assert.equal(median([4, 1, 2, 9]), 3);
    assert.throws(() => median([]), /has no median/);
});

test("pairs the rounds in a ratio, so that a busy round does not count twice", () => {
    assert.deepEqual(pairedRatios([10, 40, 12], [20, 80, 48]), [0.5, 0.5, 0.25]);
    assert.deepEqual(spreadOf([0.5, 0.25, 1 / 3]), { median: 0.333, min: 0.25, max: 0.5 });
    assert.throws(() => pairedRatios([1, 2], [1]), /round 2/);
});

test("reports the median, the spread, the ratio to the Makefile and what BuildKit did", () => {
    const { results } = resultsOf(new Date(0), "tmpfs", measured, {});
    assert.deepEqual(results[1], {
        case: "cold",
        subject: "harbor-build",
        project: "quickstart",
        images: 1,
        rounds: 3,
        medianMs: 2000,
        minMs: 1000,
        maxMs: 6000,
        timesMs: [1000, 2000, 6000],
        toMakefile: { median: 0.5, min: 0.25, max: 1 },
        cpuMs: 1000,
        cachedVertices: 1,
        runVertices: 1,
        unpackedLayers: 2,
        unpackMs: 1500,
        bytesPulled: 1000,
        bytesPushed: 50,
        peakRssMb: 300,
    });
});

test("compares with the subject that a match names, and says so in the title", () => {
    const both = [series("bake-registry", [4000, 8000]), series("harbor-build", [1000, 4000])];
    const results = resultsOf(
        new Date(0),
        "tmpfs",
        both.map((one) => ({ ...one, images: 12, reference: "bake-registry" })),
        {},
    );
    const [, ours] = results.results;
    assert.deepEqual(
        [ours?.toMakefile, ours?.reference, ours?.toReference],
        [undefined, "bake-registry", { median: 0.375, min: 0.25, max: 0.5 }],
    );
    const [, , title, header, row] = reportOf(results).split("\n");
    assert.equal(title, "quickstart, 12 images, 2 rounds, ratios to bake-registry");
    assert.deepEqual(header?.trim().split(/ {2,}/), ["harbor-build", "bake-registry"]);
    assert.deepEqual(row?.split(/ {2,}/).slice(1), ["2.5 s (0.38)", "6.0 s"]);
});

test("prints the Makefile first and the floor last", () => {
    const lines = reportOf(resultsOf(new Date(0), "disk", measured, {})).split("\n");
    assert.match(lines[0] ?? "", /BuildKit and registry on disk/);
    assert.equal(lines[2], "quickstart, 1 image, 3 rounds");
    assert.deepEqual(lines[3]?.trim().split(/ {2,}/), ["makefile", "harbor-build", "floor"]);
    assert.deepEqual(lines[4]?.split(/ {2,}/), [
        "nothing cached anywhere",
        "6.0 s",
        "2.0 s (0.50)",
        "1.0 s (0.17)",
    ]);
});

test("writes the tables into the page and leaves the rest", async () => {
    const folder = mkdtempSync(join(tmpdir(), "hb-page-"));
    const file = join(folder, "bench.md");
    await writeFile(file, "before\n<!-- bench:start -->\nold\n<!-- bench:end -->\nafter\n");
    await writePage(file, resultsOf(new Date(0), "tmpfs", measured, {}));
    const lines = (await readFile(file, "utf8")).split("\n");
    assert.deepEqual(
        lines.filter((line) => !line.startsWith("Measured on 1970-01-01 with buildkit ")),
        [
            "before",
            "<!-- bench:start -->",
            "",
            "**quickstart, 1 image, 3 rounds**",
            "",
            "|  | Makefile | harbor-build |",
            "| --- | --- | --- |",
            "| nothing cached anywhere | 6.0 s | 2.0 s (0.50) |",
            "<!-- bench:end -->",
            "after",
            "",
        ],
    );
    assert.equal(lines.length, 12);
    await writeFile(file, "no markers\n");
    await assert.rejects(
        writePage(file, resultsOf(new Date(0), "tmpfs", measured, {})),
        /no place for the table/,
    );
    await rm(folder, { recursive: true });
});

test("runs the first case always, and groups the cases that share a runner", () => {
    const names = (chosen: readonly string[]) =>
        groupsOf(chosen).map((group) => group.map(({ name }) => name));
    assert.deepEqual(names(["fresh-source", "warm-source"]), [
        ["cold", "warm-source"],
        ["fresh-source"],
    ]);
    assert.deepEqual(names(["fresh-unchanged"]), [["cold"], ["fresh-unchanged"]]);
});

test("selects some of the cases, and names a case that does not exist", () => {
    const { extent, isPart } = requestOf([
        "--project=quickstart",
        "--images=20",
        "--rounds=2",
        "--case=warm-unchanged,fresh-unchanged",
        "--subject=floor",
    ]);
    assert.equal(isPart, true);
    assert.deepEqual(extent.matches, [
        {
            sample: quickstart,
            images: 20,
            cases: ["warm-unchanged", "fresh-unchanged"],
            subjects: ["floor"],
            rounds: 2,
        },
    ]);
    assert.equal(requestOf([]).isPart, false);
    assert.deepEqual(
        requestOf(["--project=quickstart", "--case=warm-unchanged"]).extent.matches.map(
            ({ images }) => images,
        ),
        [1],
        "one image, unless --images asks for more",
    );
    assert.deepEqual(
        requestOf(["--project=monorepo", "--case=fresh-one-source"]).extent.matches.map(
            ({ images, reference }) => [images, reference],
        ),
        [[12, "bake-registry"]],
    );
    assert.deepEqual(
        requestOf(["--project=rust,node"]).extent.matches.map(({ sample }) => sample.name),
        ["rust", "node"],
    );
    assert.throws(() => requestOf(["--case=hot"]), /--case: no such case \("hot"\)/);
    assert.throws(
        () => requestOf(["--project=go"]),
        /--project: no such project \("go"\)\. Expected one or more of quickstart, go-large, rust/,
    );
    assert.throws(() => requestOf(["--rounds=0"]), /--rounds: not a number \("0"\)/);
});

test("alternates the subjects within a round, each with its own changes and runners", async () => {
    const folder = mkdtempSync(join(tmpdir(), "hb-match-"));
    const seen: string[] = [];
    let active = "";
    const subject = (name: string): Subject => ({
        name,
        open: async () => {
            seen.push(`${name}: open`);
            return {
                contexts: [join(folder, name)],
                run: async () => {
                    active = name;
                },
                loseState: async () => {
                    seen.push(`${name}: lose state`);
                },
                close: async () => {
                    seen.push(`${name}: close`);
                },
            };
        },
    });
    const change = (kind: string) => async (context: string) => {
        seen.push(`change ${kind} of ${context.slice(folder.length + 1)}`);
    };
    const match: Match = {
        sample: {
            ...quickstart,
            changes: {
                source: change("source"),
                finalStage: change("finalStage"),
                dependency: change("dependency"),
            },
        },
        images: 1,
        subjects: [subject("a"), subject("b")],
        cases: ["cold", "warm-source", "fresh-unchanged"],
        rounds: 2,
    };
    const found = await runMatch(match, {
        progress: new Progress([match], { leftMs: () => 0, log: () => {} }),
        newRunner: async () => {
            seen.push("new runner");
        },
        measure: async (action) => {
            await action();
            seen.push(`${active}: run`);
            return measurement(1);
        },
    });
    await rm(folder, { recursive: true });
    assert.deepEqual(seen, [
        ...["a: open", "b: open"],
        ...["new runner", "a: run", "change source of a", "a: run"],
        ...["new runner", "b: run", "change source of b", "b: run"],
        ...["a: lose state", "new runner", "a: run"],
        ...["b: lose state", "new runner", "b: run"],
        ...["a: close", "b: close"],
    ]);
    assert.deepEqual(
        found.map(({ case: item, subject: by, measurements }) => [item, by, measurements.length]),
        [
            ["cold", "a", 1],
            ["warm-source", "a", 1],
            ["cold", "b", 1],
            ["warm-source", "b", 1],
            ["fresh-unchanged", "a", 1],
            ["fresh-unchanged", "b", 1],
        ],
        "no second round within no time",
    );
});

test("shows the rounds and the remaining time, which falls with the rounds that are left out", () => {
    const subject = (name: string): Subject => ({ name, open: () => assert.fail() });
    const match = (images: number): Match => ({
        sample: quickstart,
        images,
        subjects: [subject("a"), subject("b")],
        cases: ["cold"],
        rounds: 2,
    });
    const lines: string[] = [];
    let nowMs = 0;
    const limit = { leftMs: Number.POSITIVE_INFINITY };
    const matches = [match(1), match(20)] as const;
    const progress = new Progress(matches, {
        leftMs: () => limit.leftMs,
        log: (line) => lines.push(line),
        nowMs: () => nowMs,
    });
    nowMs = 10_000;
    progress.measured(matches[0], 1, "cold: a", 9_960);
    limit.leftMs = 150_000;
    progress.measured(matches[0], 1, "cold: b", 5_000);
    assert.equal(progress.hasTime(matches[0], 2, 150_000), true);
    assert.equal(progress.hasTime(matches[0], 2, 150_001), false);
    assert.equal(progress.hasTime(matches[1], 2, 150_001), false);
    progress.measured(matches[1], 1, "cold: a", 5_000);
    progress.measured(matches[1], 1, "cold: b", 5_000);
    assert.deepEqual(lines, [
        // 83 of 84 images are left, each of which took 10 s.
        "round 1 of 2: quickstart × 1, cold: a: 10.0 s (about 14 min left)",
        "round 1 of 2: quickstart × 1, cold: b: 5.0 s (about 3 min left)",
        "stopping after 1 rounds: another one would take too long",
        "stopping after 1 rounds: another one would take too long",
        "round 1 of 2: quickstart × 20, cold: a: 5.0 s (about 1 min left)",
        "round 1 of 2: quickstart × 20, cold: b: 5.0 s (the last one)",
    ]);
});

test("an interruption ends the running command with one SIGINT, and starts no other", async () => {
    const controller = new AbortController();
    const processes = new Processes(controller.signal);
    const folder = mkdtempSync(join(tmpdir(), "hb-interrupted-"));
    const options = { cwd: folder, env: process.env };
    const command = `process.on("SIGINT", () => { require("fs").writeFileSync("ended", ""); process.exit(0); });
        require("fs").writeFileSync("started", ""); setInterval(() => {}, 1000);`;
    const running = processes.run(process.execPath, ["-e", command], options);
    while (!existsSync(join(folder, "started"))) await setTimeout(20);
    const reason = new Error("interrupted");
    controller.abort(reason);
    await assert.rejects(running, reason);
    await assert.rejects(processes.run("touch", ["second"], options), reason);
    assert.deepEqual(readdirSync(folder).sort(), ["ended", "started"]);
    await rm(folder, { recursive: true });
});

test("writes cache mounts into every RUN of the stage build only", () => {
    const dockerfile =
        "FROM a AS lib\nRUN zero\n# Compiles.\nFROM a AS build\nRUN one\nCOPY x y\nRUN two\n\nFROM b\nRUN three\n";
    assert.equal(
        withMounts(dockerfile, ["/m", "/n"]),
        "FROM a AS lib\nRUN zero\n# Compiles.\nFROM a AS build\nRUN --mount=type=cache,target=/m --mount=type=cache,target=/n one\n" +
            "COPY x y\nRUN --mount=type=cache,target=/m --mount=type=cache,target=/n two\n\n" +
            "FROM b\nRUN three\n",
    );
    assert.equal(withMounts(dockerfile, []), dockerfile);
});

async function contentOf(folder: string): Promise<readonly string[]> {
    const entries = await readdir(folder, { recursive: true, withFileTypes: true });
    const files = entries.filter((entry) => entry.isFile());
    return Promise.all(files.map((file) => readFile(join(file.parentPath, file.name), "utf8")));
}

test("changes files that the sample has", async () => {
    for (const sample of samples) {
        const folder = mkdtempSync(join(tmpdir(), "hb-sample-"));
        await cp(sample.folder, folder, { recursive: true });
        for (const change of Object.values(sample.changes)) {
            const before = await contentOf(folder);
            await change(folder, "one");
            assert.notDeepEqual(await contentOf(folder), before);
        }
        await rm(folder, { recursive: true });
    }
});

test("counts what passes the relay in each direction", async () => {
    const server = createServer((socket) => {
        socket.once("data", () => socket.end("answer"));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    assert.ok(address !== null && typeof address === "object");
    const relay = await startRelay(new URL(`http://127.0.0.1:${address.port}`));
    const text = await fetchRaw(relay.host, "question!");
    assert.equal(text, "answer");
    assert.deepEqual(relay.take(), { pulled: 6, pushed: 9 });
    assert.deepEqual(relay.take(), { pulled: 0, pushed: 0 });
    await relay.close();
    server.close();
});

test("relays plain HTTP to a Harbor with https, since docker-build's Index pushes so", async () => {
    const folder = mkdtempSync(join(tmpdir(), "hb-relay-"));
    const { keyFile, certificateFile } = await ensureCertificates(folder);
    const server = createSecureServer(
        { key: await readFile(keyFile), cert: await readFile(certificateFile) },
        (socket) => {
            socket.once("data", () => socket.end("answer"));
        },
    );
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    assert.ok(address !== null && typeof address === "object");
    const relay = await startRelay(new URL(`https://127.0.0.1:${address.port}`));
    assert.equal(await fetchRaw(relay.host, "GET / HTTP/1.1"), "answer");
    assert.deepEqual(relay.take(), { pulled: 6, pushed: 14 });
    await relay.close();
    server.close();
    await rm(folder, { recursive: true });
});

test("changes only the first of several images when one of them changes", async () => {
    const changed: string[] = [];
    const source = async (context: string) => {
        changed.push(context);
    };
    const subject: Subject = {
        name: "a",
        open: async () => ({
            contexts: ["one", "two"],
            run: async () => {},
            loseState: async () => {},
            close: async () => {},
        }),
    };
    const match: Match = {
        sample: { ...monorepo, changes: { ...monorepo.changes, source } },
        images: 2,
        subjects: [subject],
        cases: ["fresh-one-source"],
        rounds: 1,
    };
    await runMatch(match, {
        progress: { hasTime: () => true, measured: () => {} },
        newRunner: async () => {},
        measure: async () => measurement(1),
    });
    assert.deepEqual(changed, ["one"]);
});

async function fetchRaw(host: string, question: string): Promise<string> {
    const socket = connect(Number(host.split(":")[1]), "127.0.0.1");
    socket.setEncoding("utf8").write(question);
    let text = "";
    for await (const chunk of socket) text += chunk;
    return text;
}

test("measures the memory and the processor time of a command with its children", async () => {
    const folder = mkdtempSync(join(tmpdir(), "hb-processes-"));
    const processes = new Processes(new AbortController().signal);
    const fill =
        "const b = Buffer.alloc(150e6, 1); const end = Date.now() + 600; while (Date.now() < end);";
    const args = ["-c", `"${process.execPath}" -e "${fill}"; true`];
    const options = { cwd: folder, env: process.env };
    await processes.run("sh", args, options);
    const { cpuMs, peakRssMb } = processes.take();
    assert.ok(peakRssMb > 150 && peakRssMb < 400, `${peakRssMb} MB`);
    assert.ok(cpuMs > 100, `${cpuMs} ms`);
    assert.equal(processes.take().peakRssMb, 0);
    await assert.rejects(
        processes.run("sh", ["-c", "echo reason >&2; exit 3"], options),
        /sh -c echo reason >&2; exit 3: exit code 3\nreason/,
    );
    await rm(folder, { recursive: true });
});
