import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";
import { trackedWarning } from "../../../src/image/trackedFolder";
import { makeFolder } from "../context/folder";
import { inline } from "../engine/constructs";

const files = {
    "program/.harbor-build/dev/Dockerfile": "",
    "x/program/.harbor-build/y": "",
    a: "",
};

function repository(...tracked: readonly string[]): string {
    const folder = makeFolder(files);
    const git = (...args: readonly string[]) => execFileSync("git", args, { cwd: folder });
    git("init", "--quiet");
    git("add", ...tracked);
    return folder;
}

test("warns once about files in the folder of generated files that git tracks", () => {
    const folder = join(repository("."), "program/.harbor-build");
    assert.equal(
        trackedWarning(folder),
        `${folder}: git tracks "program/.harbor-build/dev/Dockerfile"; expected a folder that git ` +
            `ignores, because each run changes it. Run "git rm -r --cached ${folder}", and commit`,
    );
    assert.equal(trackedWarning(folder), undefined);
});

test("warns in each run of a process", () => {
    const folder = join(repository("."), "program/.harbor-build");
    const warnings = ["a", "b"].map(() =>
        inline("127.0.0.1:4007", () => [trackedWarning(folder), trackedWarning(folder)]),
    );
    assert.deepEqual(
        warnings.map((both) => both.map((warning) => warning !== undefined)),
        [
            [true, false],
            [true, false],
        ],
    );
});

test("finds the index of another worktree", () => {
    const folder = repository(".");
    const git = (...args: readonly string[]) => execFileSync("git", args, { cwd: folder });
    git("-c", "user.name=a", "-c", "user.email=a@b", "commit", "--quiet", "-m", "all");
    const other = join(makeFolder({}), "other");
    git("worktree", "add", "--quiet", other);
    assert.match(String(trackedWarning(join(other, "program/.harbor-build"))), /: git tracks "/);
});

test("does not warn without tracked files in the folder, or without a repository", () => {
    const folder = repository("a", "x");
    assert.equal(trackedWarning(join(folder, "program/.harbor-build")), undefined);
    assert.equal(trackedWarning(join(makeFolder(files), "program/.harbor-build")), undefined);
});
