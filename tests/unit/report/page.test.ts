import assert from "node:assert/strict";
import { test } from "node:test";
import { ImageState, type RunReport } from "../../../src/report/model";
import { runPage } from "../../../src/report/page";
import { sampleRun } from "../../support/sampleRun";

test("loads and runs nothing", () => {
    const page = runPage(sampleRun);
    assert.doesNotMatch(page, /<script|<link|<img|src=|url\((?!#)|@import|\son\w+=/);
    assert.match(page, /Content-Security-Policy" content="default-src 'none'/);
});

test("escapes text from Dockerfiles, tags and errors", () => {
    const hostile = `</code></style><script>alert(1)</script><img src=x onerror="a">'"&\u202e`;
    const [image] = sampleRun.images;
    assert.ok(image && typeof image.build === "object");
    const steps = image.build.steps.map((step) => ({ ...step, stage: hostile, text: hostile }));
    const run: RunReport = {
        project: hostile,
        stack: hostile,
        isPreview: true,
        faults: [{ component: hostile, message: hostile }],
        images: [
            {
                ...image,
                name: hostile,
                state: ImageState.Failed,
                references: [hostile],
                causes: [hostile],
                cache: hostile,
                unwritten: hostile,
                digest: hostile,
                error: hostile,
                saves: { startMs: 0, ms: 9, mounts: [{ id: hostile, result: hostile }] },
                build: {
                    ...image.build,
                    steps,
                    imports: [{ reference: hostile, error: hostile }],
                    mounts: [{ id: hostile, result: hostile }],
                },
            },
        ],
    };
    const page = runPage(run);
    assert.doesNotMatch(page, /<script|<img|onerror="|\u202e/);
    // As many tags of each kind as without hostile text.
    const tags = (text: string) => text.match(/<[a-z][^>]*/g)?.length;
    const harmless = JSON.parse(JSON.stringify(run).replaceAll(JSON.stringify(hostile), '"x"'));
    assert.equal(tags(page), tags(runPage(harmless)));
});

test("shows why a cache was not written", () => {
    const [image] = sampleRun.images;
    assert.ok(image);
    const images = [{ ...image, unwritten: "the quota is full." }];
    const page = runPage({ ...sampleRun, images });
    assert.match(page, /<dt>cache not written<\/dt><dd>the quota is full\.<\/dd>/);
});

test("has details of the most important 300 of hundreds of images", () => {
    const [image] = sampleRun.images;
    assert.ok(image);
    const images = Array.from({ length: 500 }, (_, index) => ({ ...image, name: `app-${index}` }));
    const page = runPage({ ...sampleRun, images });
    assert.equal(page.match(/<section aria-labelledby="image-/g)?.length, 300);
    assert.equal(page.match(/<th scope="row">/g)?.length, 500);
});
