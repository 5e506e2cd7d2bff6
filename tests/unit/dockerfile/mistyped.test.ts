import assert from "node:assert/strict";
import { test } from "node:test";
import { parseDockerfile, resolveStages } from "../../../src/dockerfile";
import { mistypedStages } from "../../../src/dockerfile/mistyped";

const warnings = (text: string) => mistypedStages(resolveStages(parseDockerfile(text)));

test("warns of a --from that is nearly a stage's name", () => {
    assert.deepEqual(
        warnings(
            "FROM a AS build\nFROM s\nCOPY --from=bild x y\nRUN --mount=from=biuld,target=/b z\n",
        ),
        [
            'line 3: COPY --from=bild: no stage or named context is called "bild", so BuildKit ' +
                'pulls an image of that name. Did you mean stage "build"?',
            'line 4: RUN --mount=from=biuld: no stage or named context is called "biuld", so ' +
                'BuildKit pulls an image of that name. Did you mean stage "build"?',
        ],
    );
});

test("does not warn of plausible images, or of images that are not read", () => {
    const text =
        "FROM golang AS golan\nCOPY --from=buil x y\nFROM a AS build\nFROM s\nCOPY --from=golang x y\n" +
        "COPY --from=busybox x y\nCOPY --from=e/bild x y\nCOPY --from=bild:1 x y\nCOPY --from=build x y\n";
    assert.deepEqual(warnings(text), []);
});
