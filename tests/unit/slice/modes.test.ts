import assert from "node:assert/strict";
import { chmodSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { selectAll } from "../../../src/context/select";
import { readTree } from "../../../src/context/tree";
import { hasOtherMode, imageMode, umaskNote } from "../../../src/slice/modes";
import { makeFolder } from "../context/folder";

const kept = (kind: "file" | "directory", modes: readonly number[]) =>
    Object.fromEntries(
        modes.map((mode) => [
            mode.toString(8),
            imageMode({ kind, mode }, "usual", "linux").toString(8),
        ]),
    );

test("removes only what a umask adds to the modes that git stores", () => {
    const files = kept("file", [0o644, 0o664, 0o666, 0o646, 0o755, 0o775, 0o777, 0o744]);
    assert.deepEqual(files, {
        644: "644",
        664: "644",
        666: "644",
        646: "644",
        755: "755",
        775: "755",
        777: "755",
        744: "755",
    });
    const folders = kept("directory", [0o755, 0o775, 0o777]);
    assert.deepEqual(folders, { 755: "755", 775: "755", 777: "755" });
});

test("keeps every other mode", () => {
    const files = [0o600, 0o640, 0o660, 0o700, 0o750, 0o400, 0o444, 0o555, 0o655, 0o4755, 0o2755];
    for (const mode of files) assert.equal(imageMode({ kind: "file", mode }, "usual"), mode);
    for (const mode of [0o700, 0o750, 0o711, 0o744, 0o2775, 0o2755, 0o1777]) {
        assert.equal(imageMode({ kind: "directory", mode }, "usual"), mode);
    }
});

test("keeps every mode for a build of the whole", () => {
    for (const mode of [0o664, 0o666, 0o600, 0o4775]) {
        assert.equal(imageMode({ kind: "file", mode: 0o100000 | mode }, "exact"), mode);
        assert.equal(hasOtherMode({ kind: "file", mode: 0o100000 | mode }, "exact"), false);
    }
});

test("has one mode on Windows, which BuildKit's client sends, and never needs a copy for it", () => {
    for (const kind of ["file", "directory"] as const) {
        assert.equal(imageMode({ kind, mode: 0o100666 }, "usual", "win32"), 0o755);
        assert.equal(hasOtherMode({ kind, mode: 0o100666 }, "usual", "win32"), false);
        assert.equal(hasOtherMode({ kind, mode: 0o40777 }, "usual", "linux"), true);
    }
    assert.equal(hasOtherMode({ kind: "link", mode: 0o120777 }, "usual", "linux"), false);
});

test("notes a selection without any file that other users may read", () => {
    const folder = makeFolder({ a: "a", b: "b" });
    const note = () => umaskNote(selectAll(readTree(folder)), "usual");
    chmodSync(join(folder, "a"), 0o600);
    assert.equal(note(), undefined);
    chmodSync(join(folder, "b"), 0o640);
    assert.equal(
        note(),
        "other users may not read any file that the build copies, as after a checkout under umask 027 " +
            "or 077. The image keeps these modes, so it differs from a build under umask 022. To build " +
            'with the modes of git, run "chmod -R go+rX" in the context',
    );
    assert.equal(umaskNote(selectAll(readTree(folder)), "exact"), undefined);
});
