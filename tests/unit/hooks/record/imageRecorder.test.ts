import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import * as pulumi from "@pulumi/pulumi";
import type { BuilderHistory, BuiltImage, Recorded } from "../../../../src/buildkit/builderHistory";
import { ImageRecorder } from "../../../../src/hooks/record/imageRecorder";
import type { ImageReport } from "../../../../src/report/model";
import { mockRun } from "../../../support/mocks";
import { startTinyRegistry, type TinyRegistry } from "../../registry/tinyRegistry";

let registry: TinyRegistry;
before(async () => {
    registry = await startTinyRegistry({ projects: { shop: "public" } });
});
after(() => registry.close());

/** An image of the layers' sizes in the registry. */
const push = (...sizes: readonly number[]) =>
    registry.manifest("shop/fm", "1", { layers: sizes.map((size) => ({ size })) });

/** A recorder with one image, in a run whose clock goes on by a second with each look. */
function record(found: Recorded, digest: pulumi.Output<string>) {
    const tag = `${registry.host}/shop/fm:1`;
    const image: Partial<ImageReport> = { state: "waiting" };
    const seen = { hidden: [] as string[], asked: [] as BuiltImage[], writes: 0 };
    let time = 0;
    let complete = (): void => undefined;
    const completed = new Promise<void>((resolve) => {
        complete = resolve;
    });
    const history: Pick<BuilderHistory, "find" | "remember"> = {
        remember: async ({ tags }) => void seen.asked.push({ tags }),
        find: async ({ tags, digest }) => {
            seen.asked.push({ tags, digest });
            return found;
        },
    };
    const recorder = new ImageRecorder(
        {
            // Only these two methods are used.
            history: history as BuilderHistory,
            expect: () => ({
                state: () => image.state ?? assert.fail(),
                change: (change) => {
                    Object.assign(image, change);
                    if ("bytes" in change) complete();
                },
            }),
            hide: (secrets) => seen.hidden.push(...secrets),
            now: () => (time += 1000),
            write: () => {
                seen.writes += 1;
            },
        },
        { url: registry.url, env: { DOCKER_CONFIG: "/nonexistent" } },
    );
    const name = "fm-app";
    recorder.expect({ component: "fm", name, stage: undefined, references: [tag] }, {}, digest);
    const hook = { urn: "u", id: "", name, type: "t" };
    const newInputs = { tags: [tag], secrets: { token: pulumi.secret("S3cret") } };
    return { recorder, image, seen, completed, hook, newInputs, tags: [tag] };
}

const unknown = () => pulumi.output(new Promise<string>(() => undefined));

test("records a build: its causes, its cache, its times and its sizes", async () => {
    await mockRun();
    const [old, made] = [push(20), push(30, 12)];
    const built = record({ reason: "no builder has a record" }, unknown());
    const { recorder, image, seen, hook, newInputs, tags } = built;
    await recorder.before({ ...hook, newInputs, oldOutputs: { digest: old } });
    assert.deepEqual(image, { state: "building", causes: ["new image"] });
    assert.deepEqual(seen.hidden, ["S3cret"]);
    recorder.cache("fm-app", "cache: dev exists");
    recorder.unwritten("fm-app", "no disk");
    await recorder.after({ ...hook, newInputs, newOutputs: { digest: made } });
    await built.completed;
    assert.deepEqual(image, {
        state: "built",
        causes: ["new image"],
        cache: "dev exists",
        unwritten: "no disk",
        startMs: 1000,
        ms: 1000,
        error: undefined,
        build: "no builder has a record",
        bytes: 42,
        bytesBefore: 20,
    });
    assert.deepEqual(seen.asked, [{ tags }, { tags, digest: made }]);
});

test("records the size of no earlier image, and BuildKit's facts", async () => {
    await mockRun();
    const found = { vertices: [], startedMs: 0, isPreviewed: true };
    const built = record(found, unknown());
    const { recorder, image, hook, newInputs } = built;
    const oldInputs = { ...newInputs, target: "build" };
    await recorder.before({ ...hook, newInputs, oldInputs });
    assert.deepEqual(image.causes, ["the stage to build changed"]);
    await recorder.after({ ...hook, newInputs, newOutputs: { digest: push(5) } });
    await built.completed;
    assert.deepEqual([image.bytes, image.bytesBefore], [5, undefined]);
    const none = { steps: [], imports: [], exports: [], mounts: [], spans: [] };
    assert.deepEqual(image.build, { ...none, isPreviewed: true });
});

test("records a build that failed, and a check that stopped one, and writes the report at once", async () => {
    await mockRun();
    const failed = record({ reason: "no record" }, unknown());
    await failed.recorder.before({ ...failed.hook, newInputs: failed.newInputs });
    await failed.recorder.failed({ ...failed.hook, newInputs: failed.newInputs }, "exit code 1");
    const { state, error, startMs, ms, build } = failed.image;
    assert.deepEqual(
        { state, error, startMs, ms, build },
        { state: "failed", error: "exit code 1", startMs: 1000, ms: 1000, build: "no record" },
    );
    assert.equal(failed.seen.writes, 1);
    const stopped = record({ reason: "never asked" }, unknown());
    await stopped.recorder.failed({ ...stopped.hook, newInputs: {} }, "no project");
    assert.deepEqual(stopped.image, {
        state: "failed",
        error: "no project",
        startMs: undefined,
        ms: undefined,
    });
    assert.deepEqual([stopped.seen.asked, stopped.seen.writes], [[], 1]);
});

test("counts an image with a digest but without a build as unchanged", async () => {
    await mockRun();
    const { image } = record({ reason: "never asked" }, pulumi.output("sha256:1"));
    await new Promise((resolve) => setTimeout(resolve, 20));
    assert.deepEqual(image, { state: "unchanged", digest: "sha256:1" });
});

test("records a build as planned in a preview that does not build", async () => {
    await mockRun({ preview: true });
    for (const [inputs, state] of [
        [{}, "planned"],
        [{ buildOnPreview: true }, "building"],
    ] as const) {
        const { recorder, image, hook, seen, newInputs } = record({ reason: "" }, unknown());
        await recorder.before({ ...hook, newInputs: { ...newInputs, ...inputs } });
        assert.deepEqual(image, { state, causes: ["new image"] });
        assert.equal(seen.asked.length, state === "planned" ? 0 : 1);
    }
});
