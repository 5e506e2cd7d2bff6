import assert from "node:assert/strict";
import { test } from "node:test";
import { BuilderHistory } from "../../../src/buildkit/builderHistory";
import { encode } from "../../../src/buildkit/message";
import { historyServer } from "./historyServer";

/** A build in the history of the server: its ref, the reference of its image, whether it is pushed, its digest. */
type Build = readonly [ref: string, image: string, push?: boolean, digest?: string];

let builds: readonly Build[] = [];
const env = historyServer((path, request) =>
    path.endsWith("/ListenBuildHistory") ? builds.map(completed) : vertexOf(request),
);

/** A message as a field of another one; all of its bytes are ASCII. */
const nested = (fields: Readonly<Record<number, string | number>>) => encode(fields).toString();

/** A BuildHistoryEvent of a completed build, with its exporter's attributes; later ones are newer. */
function completed([ref, image, push = true, digest]: Build, index: number): Buffer {
    const attributes = Object.entries({ name: image, push: String(push) });
    // A field with a list of messages: its encodings, one after the other.
    const exporter = attributes.map(([key, value]) => nested({ 2: nested({ 1: key, 2: value }) }));
    const times = nested({ 1: index + 1 });
    const result = nested({ 1: nested({ 2: digest ?? "" }) });
    const record = { 1: ref, 4: exporter.join(""), 6: times };
    const fields = digest === undefined ? record : { ...record, 10: result };
    return encode({ 1: 1, 2: nested(fields) });
}

/** StatusResponses with one vertex, which all builds share and which is named after the build. */
function vertexOf(request: Buffer): readonly Buffer[] {
    const ref = request.subarray(7).toString();
    const vertex = { 1: "sha256:1", 3: `step of ${ref}` };
    const ran = { ...vertex, 5: nested({ 1: 5 }), 6: nested({ 1: 6 }) };
    return [vertex, ran].map((one) => encode({ 1: nested(one) }));
}

async function foundStep(history: BuilderHistory, reference: string, digest?: string) {
    const found = await history.find({ tags: [reference], digest });
    return "reason" in found ? found.reason : found.vertices.map(({ name }) => name).join();
}

test("finds a build that completed while another image was about to be built", async () => {
    const history = new BuilderHistory(env);
    builds = [];
    await history.remember({ tags: ["one"] });
    builds = [["build-of-one", "one"]];
    await history.remember({ tags: ["two"] });
    assert.equal(await foundStep(history, "one"), "step of build-of-one");
});

test("does not take an earlier build of an image for the next one", async () => {
    const history = new BuilderHistory(env);
    builds = [["old", "one"]];
    await history.remember({ tags: ["one"] });
    assert.equal(await foundStep(history, "one"), "no builder has a record of this build");
    builds = [
        ["old", "one"],
        ["new", "one,other"],
    ];
    assert.equal(await foundStep(history, "other"), "step of new");
});

test("takes the build that made the image, not a newer one of another run", async () => {
    const history = new BuilderHistory(env);
    builds = [
        ["own", "one", true, "sha256:a"],
        ["of-another-run", "one", true, "sha256:b"],
    ];
    assert.equal(await foundStep(history, "one", "sha256:a"), "step of own");
    assert.equal(
        await foundStep(history, "one", "sha256:c"),
        "no builder has a record of this build",
    );
});

test("takes a build without a digest when the builder records none", async () => {
    builds = [["own", "one"]];
    assert.equal(await foundStep(new BuilderHistory(env), "one", "sha256:a"), "step of own");
});

test("takes the cache of the build with the image's digest alone, since the program signs it", async () => {
    const history = new BuilderHistory(env);
    const image = { tags: ["one"], digest: "sha256:a" };
    builds = [
        ["without-digest", "one"],
        ["of-another-run", "one", true, "sha256:b"],
    ];
    const reason = "no builder has a record of this build";
    assert.deepEqual(await history.findCacheManifest(image), { reason });
    builds = [...builds, ["own", "one", true, "sha256:a"], ["newer", "one"]];
    assert.deepEqual(await history.findCacheManifest(image), { digest: undefined });
});

test("counts a step that several builds waited for once", async () => {
    const history = new BuilderHistory(env);
    builds = [
        ["build-of-one", "one"],
        ["build-of-two", "two"],
    ];
    const found = [await history.find({ tags: ["one"] }), await history.find({ tags: ["two"] })];
    const outcomes = found.map((build) =>
        "reason" in build ? build.reason : build.vertices.map(({ outcome }) => outcome).join(),
    );
    assert.deepEqual(outcomes, ["ran", "cached"]);
});

test("finds out whether a preview was the last to build the image", async () => {
    for (const last of [true, false]) {
        const history = new BuilderHistory(env);
        builds = [
            ["old", "one", !last],
            ["earlier", "one", last],
        ];
        await history.remember({ tags: ["one"] });
        builds = [...builds, ["new", "one"]];
        const found = await history.find({ tags: ["one"] });
        assert.equal("isPreviewed" in found && found.isPreviewed, !last);
    }
});
