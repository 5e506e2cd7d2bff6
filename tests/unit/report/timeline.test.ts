import assert from "node:assert/strict";
import { test } from "node:test";
import { delayed, timeline, timelineRows } from "../../../src/report/timeline";
import { sampleRun } from "../../support/sampleRun";

const [built] = sampleRun.images;
assert.ok(built && typeof built.build === "object");
const { build } = built;

test("places the work of each build in the run, by the start of the build", () => {
    const rows = timelineRows(sampleRun);
    assert.deepEqual(
        rows.map(({ image, bars, endMs }) => [
            image.name,
            bars.map(({ kind, startMs, ms }) => `${kind} ${startMs}+${ms}`),
            endMs,
        ]),
        [
            [
                "fm-app",
                [
                    "waiting 0+400",
                    "base 500+900",
                    "restore 1400+600",
                    "steps 2000+19820",
                    "push 21900+2100",
                    "save 25000+4100",
                ],
                29_100,
            ],
            ["web-app", ["waiting 0+500", "steps 500+2900"], 3500],
        ],
    );
});

test("shows steps where a build does two things at once", () => {
    const spans = [
        { kind: "base", startMs: 0, ms: 1000 },
        { kind: "steps", startMs: 300, ms: 200 },
        { kind: "steps", startMs: 500, ms: 100 },
    ] as const;
    const image = { ...built, startMs: 0, saves: undefined, build: { ...build, spans } };
    const [row] = timelineRows({ ...sampleRun, images: [image] });
    assert.deepEqual(row?.bars, [
        { kind: "base", startMs: 0, ms: 300 },
        { kind: "steps", startMs: 300, ms: 300 },
        { kind: "base", startMs: 600, ms: 400 },
    ]);
});

test("describes each row for screen readers, and names what the bars show", () => {
    const drawn = timeline(sampleRun)?.text ?? "";
    assert.match(
        drawn,
        /aria-label="waiting 0\.4 s, base images and cached layers 0\.9 s, restoring cache mounts 0\.6 s, steps 19\.8 s, export and push 2\.1 s, saving cache mounts 4\.1 s"/,
    );
    assert.match(
        drawn,
        /<i class="bar steps" style="left:6\.87%;width:68\.11%" title="steps 19\.8 s">steps 19\.8 s<\/i>/,
    );
});

test("names each colour in the legend, the one of the rest of a build too", () => {
    const [, legend = ""] =
        /<p class="legend">(.*?)<\/p>/.exec(timeline(sampleRun)?.text ?? "") ?? [];
    assert.deepEqual(legend.match(/(?<=class="bar )\w+/g), [
        "waiting",
        "base",
        "restore",
        "steps",
        "push",
        "save",
        "build",
    ]);
});

test("draws nothing for a run that built nothing", () => {
    assert.equal(timeline({ ...sampleRun, images: [] }), undefined);
});

test("places a build after the checks before it, whatever BuildKit's clock shows", () => {
    const spans = [{ kind: "steps", startMs: 100, ms: 900 }] as const;
    const starts = [500, 1e6, -1e6].map((lag) => delayed(spans, lag, 2000)[0]?.startMs);
    assert.deepEqual(starts, [600, 1100, 100]);
});
