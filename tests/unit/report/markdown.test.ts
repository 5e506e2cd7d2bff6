import assert from "node:assert/strict";
import { test } from "node:test";
import type { StepOutcome } from "../../../src/buildkit/history";
import { markdownBytesMax, runMarkdown } from "../../../src/report/markdown";
import { type ImageReport, ImageState, type RunReport } from "../../../src/report/model";
import { sampleRun } from "../../support/sampleRun";

const image = (name: string, more: Partial<ImageReport> = {}): ImageReport => ({
    component: "fm",
    name,
    stage: undefined,
    state: ImageState.Unchanged,
    references: [],
    causes: [],
    ...more,
});
const run = (images: readonly ImageReport[], more: Partial<RunReport> = {}): RunReport => ({
    project: "shop",
    stack: "dev",
    isPreview: false,
    images,
    faults: [],
    ...more,
});

test("shows why an image was built, with cache, steps, sizes and digest", () => {
    const built = image("fm-app", {
        state: ImageState.Built,
        references: ["harbor.example.com/shop/fm:1"],
        digest: `sha256:${"ab".repeat(32)}`,
        causes: ["build argument VERSION changed"],
        cache: "dev exists",
        unwritten: "the quota is full.",
        bytes: 12_400_000,
        bytesBefore: 11_200_000,
        ms: 4230,
        saves: {
            startMs: 5000,
            ms: 1200,
            mounts: [{ id: "/cache", result: "saved", bytes: 23_700_000, ms: 800 }],
        },
        build: {
            imports: [{ reference: "harbor.example.com/shop/fm/cache:dev", error: "" }],
            exports: [step("3", "exporting to image", { ms: 700 })],
            mounts: [{ id: "/mod", result: "restored", bytes: 12_000_000, ms: 600 }],
            spans: [],
            steps: [
                step("base", `FROM alpine:3@sha256:${"cd".repeat(32)}`, { isBase: true }),
                step("1", "COPY a b", { state: "cached" }),
                step("2", "RUN make", { stage: "build", ms: 3000 }),
            ],
        },
    });
    assert.equal(
        runMarkdown(run([built, image("web-app")])),
        `### Update of <code>shop/dev</code>

1 built and pushed, 1 unchanged.

| image | result | time | steps | size | digest |
|---|---|---|---|---|---|
| <code>fm-app</code> | built and pushed | 4.2 s | 1 cached, 1 ran | 12.4 MB (+1.2 MB) | <code>sha256&#58;abababababab</code> |

Unchanged: <code>web-app</code>.

#### <code>fm-app</code>

- **Why**: build argument VERSION changed
- **First step that ran**: <code>build&#58; RUN make</code>
- **Cache mounts**: /mod restored (12.0 MB, 0.6 s), /cache saved (23.7 MB, 0.8 s)
- **Cache before the build**: dev exists
- **Cache read**: <code>harbor.example.com/shop/fm/cache&#58;dev</code>
- **Cache not written**: the quota is full.
- **Base images**: <code>alpine&#58;3&#64;sha256&#58;cdcdcdcdcdcd</code>
- **Image**: <code>harbor.example.com/shop/fm&#58;1</code>

<details><summary>Steps</summary>

| stage | step | result | time |
|---|---|---|---|
| <code>final stage</code> | <code>COPY a b</code> | cached | – |
| <code>build</code> | <code>RUN make</code> | ran | 3.0 s |
| – | <code>exporting to image</code> | ran | 0.7 s |
| – | <code>saving cache mounts</code> | ran | 1.2 s |

</details>
`,
    );
});

test("says that every step came from the cache only of a build that was not stopped", () => {
    const [first] = sampleRun.images;
    assert.ok(first !== undefined && typeof first.build === "object");
    const { build } = first;
    const reportOf = (last: StepOutcome) => {
        const steps = build.steps.map((step, index) => ({
            ...step,
            state: index === build.steps.length - 1 ? last : ("cached" as const),
        }));
        return runMarkdown({ ...sampleRun, images: [{ ...first, build: { ...build, steps } }] });
    };
    assert.match(reportOf("cached"), /First step that ran.*every step came from the cache/);
    assert.doesNotMatch(reportOf("stopped"), /First step that ran/);
});

test("shows in a preview what would be built, and what is not known yet", () => {
    const text = runMarkdown(
        run(
            [image("a", { state: ImageState.Planned }), image("b", { state: ImageState.Waiting })],
            {
                isPreview: true,
            },
        ),
    );
    assert.match(text, /^### Preview of .*\n\n1 would be built, 1 not known yet\.\n/);
});

test("names the reason for a build without a record", () => {
    const text = runMarkdown(
        run([image("a", { state: ImageState.Built, build: "no builder has a record" })]),
    );
    assert.match(text, /\| <code>a<\/code> \| built and pushed \| – \| not known \|/);
    assert.match(text, /- \*\*Steps not known\*\*: no builder has a record\n/);
});

test("escapes text from Dockerfiles, tags and errors", () => {
    const hostile = "</code><img src=x>|`**[a](http://b)** @team #1 :tada: www.b.c\n# head\u202e";
    const text = runMarkdown(
        run(
            [
                image(hostile, {
                    state: ImageState.Failed,
                    references: [hostile],
                    causes: [hostile],
                    cache: hostile,
                    unwritten: hostile,
                    error: hostile,
                    saves: {
                        startMs: 0,
                        ms: 0,
                        mounts: [{ id: hostile, result: hostile }],
                    },
                    build: {
                        imports: [{ reference: hostile, error: hostile }],
                        steps: [step("1", hostile, { stage: hostile })],
                        exports: [step("2", hostile)],
                        mounts: [{ id: hostile, result: hostile }],
                        spans: [],
                    },
                }),
            ],
            { faults: [{ component: hostile, message: hostile }] },
        ),
    );
    assert.doesNotMatch(text, /<img|`|\]\(|\[a|@team|#1 |:tada:|:\/\/|www\.|\n# head|\u202e/);
    // Every tag in the text is one of ours.
    const tags = new Set(text.match(/<[^>]*>/g));
    assert.deepEqual(
        [...tags].sort(),
        "</code> </details> </pre> </summary> <br> <code> <details> <pre> <summary>".split(" "),
    );
});

for (const count of [300, 2000]) {
    test(`keeps the report of ${count} images with long texts within the length of a comment`, () => {
        const long = "é<".repeat(400);
        const images = Array.from({ length: count }, (_, index) =>
            image(`image-${index}`, {
                state: ImageState.Built,
                causes: [long],
                references: [long],
                build: {
                    imports: [],
                    exports: [],
                    mounts: [],
                    spans: [],
                    steps: Array.from({ length: 80 }, (_, at) => step(`${at}`, long)),
                },
            }),
        );
        const text = runMarkdown(run(images));
        const bytes = Buffer.byteLength(text);
        assert.ok(bytes <= markdownBytesMax, `${bytes}`);
        assert.match(text, /Details of \d+ images are left out: the report is too long\./);
    });
}

function step(
    id: string,
    text: string,
    more: Partial<{
        stage: string;
        state: "cached" | "ran";
        ms: number;
        isBase: boolean;
    }> = {},
) {
    return {
        id,
        text,
        stage: undefined,
        state: "ran" as const,
        ms: 0,
        inputs: [],
        isBase: false,
        ...more,
    };
}
