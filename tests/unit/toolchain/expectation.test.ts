import assert from "node:assert/strict";
import { test } from "node:test";
import { expectationOf } from "../../../tools/toolchain/expectation";
import { pulumiCli } from "../../../tools/toolchain/pieces/engine";
import { buildkit, dockerBuild, registry } from "../../../tools/toolchain/pieces/programs";
import { filePiece } from "./pieces";

test("says how long a first build takes and why, and what to install instead", () => {
    const first = [pulumiCli, dockerBuild, buildkit, registry, filePiece("small")];
    const [time, shortcuts, ...more] = expectationOf(first, 2);
    assert.equal(
        time,
        "this takes about 8 min on 2 cores, once: Go programs are compiled from source",
    );
    assert.match(
        shortcuts ?? "",
        /^to compile less, interrupt this and install Pulumi \d\S+ or newer with its Node\.js language host on PATH \(saves about 2 min\); the plugin with pulumi plugin install resource docker-build \d\S+ \(saves about 3 min\); buildkitd and buildctl \d\S+ or newer on PATH \(saves about 3 min\)$/,
    );
    assert.deepEqual(more, []);
    assert.deepEqual(expectationOf([filePiece("large", { processorSeconds: 200 })], 2), [
        "this takes about 2 min on 2 cores, once: Go programs are compiled from source",
    ]);
});

test("says nothing about a build of less than a minute", () => {
    assert.deepEqual(expectationOf([filePiece("small")], 2), []);
    assert.deepEqual(expectationOf([registry], 4), []);
});
