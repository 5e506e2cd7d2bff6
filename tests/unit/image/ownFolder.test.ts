import assert from "node:assert/strict";
import {
    chmodSync,
    chownSync,
    existsSync,
    mkdirSync,
    readFileSync,
    statSync,
    symlinkSync,
} from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { entryFault, fullDisk, makeOwnFolder } from "../../../src/image/ownFolder";
import { makeFolder } from "../context/folder";

const folder = ".harbor-build/dev/shop/app";

/** Makes the folder as a program does in its own. */
function makeIn(program: string) {
    const before = process.cwd();
    process.chdir(program);
    try {
        return makeOwnFolder(folder);
    } finally {
        process.chdir(before);
    }
}

test("makes a folder that only its user reads and git ignores", () => {
    const program = makeFolder({});
    assert.equal(makeIn(program), undefined);
    assert.ok(statSync(join(program, folder)).isDirectory());
    assert.equal(statSync(join(program, ".harbor-build")).mode & 0o7777, 0o700);
    assert.equal(readFileSync(join(program, ".harbor-build/.gitignore"), "utf8"), "*\n");
    assert.equal(makeIn(program), undefined);
});

test("closes a folder that others could read, and keeps its .gitignore", () => {
    const program = makeFolder({ ".harbor-build/.gitignore": "mine\n" });
    assert.equal(makeIn(program), undefined);
    assert.equal(statSync(join(program, ".harbor-build")).mode & 0o7777, 0o700);
    assert.equal(readFileSync(join(program, ".harbor-build/.gitignore"), "utf8"), "mine\n");
});

test("refuses a link or a file on the way, and writes nothing behind it", () => {
    const reason =
        "expected a folder that only harbor-build writes, because the component replaces and " +
        "deletes files in it. Delete the";
    for (const path of [".harbor-build", ".harbor-build/dev", ".harbor-build/dev/shop/app"]) {
        const outside = makeFolder({});
        const program = makeFolder({});
        mkdirSync(join(program, path, ".."), { recursive: true });
        symlinkSync(outside, join(program, path));
        const message = `this is a link to "${outside}"; ${reason} link`;
        assert.deepEqual(makeIn(program), { path, message });
        assert.throws(() => statSync(join(outside, "shop")));
        assert.throws(() => statSync(join(outside, ".gitignore")));
    }
    const program = makeFolder({ ".harbor-build": "" });
    assert.deepEqual(makeIn(program), {
        path: ".harbor-build",
        message: `this is a file; ${reason} file`,
    });
});

test("writes no .gitignore through a link", () => {
    const outside = makeFolder({});
    const program = makeFolder({ ".harbor-build/x": "" });
    symlinkSync(join(outside, "made"), join(program, ".harbor-build/.gitignore"));
    assert.equal(makeIn(program), undefined);
    assert.throws(() => statSync(join(outside, "made")));
});

test("refuses a folder of another user, unless the program belongs to that user", () => {
    const entry = { path: ".harbor-build", kind: "folder", owner: 1001 } as const;
    assert.deepEqual(entryFault(entry, { own: 1000, program: 1000 }), {
        path: ".harbor-build",
        message:
            "this folder belongs to the user with id 1001; expected 1000, the user of this run, " +
            "because another owner can replace files during a build. Delete the folder, or run " +
            '"chown -R 1000 .harbor-build"',
    });
    assert.equal(entryFault(entry, { own: 1001, program: 0 }), undefined);
    assert.equal(entryFault(entry, { own: 0, program: 1001 }), undefined);
    assert.equal(entryFault({ ...entry, owner: 0 }, undefined), undefined);
});

const needsRoot = process.getuid?.() === 0 ? {} : { skip: "needs root, to change an owner" };

test("finds the owner of each folder on the way", needsRoot, () => {
    const program = makeFolder({ ".harbor-build/dev/x": "" });
    chownSync(join(program, ".harbor-build/dev"), 1001, 1001);
    assert.equal(makeIn(program)?.path, ".harbor-build/dev");
});

test("reports the program owner's folder that the user of the run may not use", needsRoot, () => {
    for (const mode of [0o700, 0o777]) {
        const program = makeFolder({ ".harbor-build/.gitignore": "*\n" });
        chmodSync(program, 0o755);
        chmodSync(join(program, ".harbor-build"), mode);
        for (const path of [".", ".harbor-build"]) chownSync(join(program, path), 1000, 1000);
        process.seteuid?.(2000);
        try {
            assert.deepEqual(makeIn(program), {
                path: ".harbor-build",
                message:
                    "this folder belongs to the user with id 1000; expected 2000, the user of this " +
                    "run, because another owner can replace files during a build. Delete the " +
                    'folder, or run "chown -R 2000 .harbor-build"',
            });
        } finally {
            process.seteuid?.(0);
        }
        assert.equal(makeIn(program), undefined);
    }
});

const needsProc = existsSync("/proc/self")
    ? {}
    : { skip: "needs Linux, for a folder to be refused" };

test("reports a folder that cannot be created", needsProc, () => {
    assert.deepEqual(makeIn("/proc"), {
        path: ".harbor-build",
        message:
            "cannot be created (ENOENT); expected a folder that the user of this run can write. " +
            "Delete the folder above it, or change the owner of that folder",
    });
});

test("describes a full disk and a used-up disk quota, and no other error", () => {
    const error = (code: string) => Object.assign(new Error(code), { code });
    assert.equal(
        fullDisk(error("ENOSPC")),
        "the disk is full (ENOSPC). Expected room for the files from which the image is built. " +
            "Fix: free space on the disk of the program's folder",
    );
    assert.match(fullDisk(error("EDQUOT")) ?? "", /^the disk is full \(EDQUOT\)\. /);
    for (const other of [error("EACCES"), new Error("ENOSPC"), undefined]) {
        assert.equal(fullDisk(other), undefined);
    }
});
