import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { readRecording } from "./recording";

const names = readdirSync(join(__dirname, "..", "recordings"))
    .filter((name) => name.endsWith(".json"))
    .map((name) => name.replace(/\.json$/, ""));

test("gives a reason for every step that is not replayed", () => {
    assert.equal(names.length, 18);
    for (const name of names) {
        for (const { name: step, reason } of readRecording(name).notReplayed) {
            assert.ok(reason.length > 20, `${name}: ${step}: "${reason}"`);
        }
    }
});

test("stores no credentials and no tokens in recordings", () => {
    const kept = JSON.stringify(names.map(readRecording));
    assert.equal(/Basic [A-Za-z0-9+/]{16}/.test(kept), false);
    assert.equal(/eyJ[A-Za-z0-9_-]{20}/.test(kept), false);
});
