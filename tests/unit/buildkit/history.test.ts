import assert from "node:assert/strict";
import { test } from "node:test";
import type { ControlApi } from "../../../src/buildkit/controlApi";
import { type BuildRecord, readVertices } from "../../../src/buildkit/history";
import { encode, Message } from "../../../src/buildkit/message";

/** A report of a vertex, with its start and its end in seconds. */
interface Report {
    readonly id: string;
    readonly name: string;
    readonly start?: number;
    readonly end?: number;
    readonly cached?: boolean;
}

/** A message as a field of another one; all of its bytes are ASCII. */
const nested = (fields: Readonly<Record<number, string | number>>) => encode(fields).toString();
const time = (seconds: number) => nested({ 1: seconds });

function report({ id, name, start, end, cached }: Report): Message {
    const fields: Record<number, string | number> = { 1: id, 3: name };
    if (cached) fields[4] = 1;
    if (start !== undefined) fields[5] = time(start);
    if (end !== undefined) fields[6] = time(end);
    return new Message(encode({ 1: nested(fields) }));
}

/** A report of a transfer for a vertex. */
const transfer = (id: string, layer = "sha256:1", bytes = 0) =>
    new Message(encode({ 2: nested({ 1: layer, 2: id, 5: bytes }) }));

/** The outcome of each vertex of a complete build, by id. */
async function outcomes(...reports: readonly (Report | Message)[]) {
    const vertices = await read(...reports);
    return Object.fromEntries(vertices.map(({ id, outcome }) => [id, outcome]));
}

/** The vertices of a complete build. */
async function read(...reports: readonly (Report | Message)[]) {
    const answers = reports.map((one) => (one instanceof Message ? one : report(one)));
    const api: Pick<ControlApi, "call"> = { call: async () => answers };
    const record: BuildRecord = {
        ref: "ref",
        names: [],
        isPushed: true,
        digest: "",
        isComplete: true,
        hasFailed: false,
        startedMs: 0,
        steps: { total: 0, cached: 0 },
        provenance: [],
    };
    // Only `call` is used.
    return readVertices(api as ControlApi, record, 1000);
}

test("counts the bytes of each layer once, and not those of unpacking", async () => {
    const step = { id: "own", name: "RUN make" };
    const [vertex] = await read(
        step,
        { ...step, start: 5, end: 6 },
        { ...step, start: 8, end: 9 },
        transfer("own", "sha256:1", 50),
        transfer("own", "sha256:1", 100),
        transfer("own", "sha256:2", 7),
        transfer("own", "extracting sha256:2", 7),
        transfer("other", "sha256:3", 1),
    );
    assert.equal(vertex?.bytes, 107);
    assert.deepEqual(vertex?.runs, [
        { startMs: 5000, endMs: 6000 },
        { startMs: 8000, endMs: 9000 },
    ]);
});

test("a step that the build lists before it starts ran in the build", async () => {
    const step = { id: "own", name: "RUN make" };
    assert.deepEqual(await outcomes(step, { ...step, start: 5, end: 6 }), { own: "ran" });
});

test("an equal step of a build at the same time ran there", async () => {
    const own = { id: "own", name: "RUN make" };
    const other = { id: "other", name: "RUN make", start: 5, end: 6 };
    assert.deepEqual(await outcomes(own, other), { own: "cached", other: "cached" });
});

test("a step that ran before the build began did not run in the build", async () => {
    const step = { id: "own", name: "RUN make", start: 1, end: 2 };
    assert.deepEqual(await outcomes(step, step), { own: "cached" });
});

test("a cached step that starts again ran, unless it fetches its layers", async () => {
    const step = { id: "own", name: "RUN make" };
    const reports = [
        step,
        { ...step, start: 5, end: 5, cached: true },
        { ...step, start: 6, end: 7 },
    ];
    assert.deepEqual(await outcomes(...reports), { own: "ran" });
    assert.deepEqual(await outcomes(...reports, transfer("own")), { own: "cached" });
});
