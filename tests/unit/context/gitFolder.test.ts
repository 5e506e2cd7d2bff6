import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, realpathSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { findPlantedRepository } from "../../../src/context";
import { makeFolder } from "./folder";

/** A repository as a pull request can commit one: git fetches the missing commit with `command`. */
const planted = (command: string) => ({
    HEAD: "ref: refs/heads/main\n",
    "refs/heads/main": `${"0".repeat(39)}1\n`,
    "objects/info/empty": "",
    config: `[core]
    repositoryformatversion = 1
    bare = false
    worktree = .
[extensions]
    partialClone = origin
[remote "origin"]
    url = .
    promisor = true
    uploadpack = ${command}
`,
});

const inside = (folder: string, files: Readonly<Record<string, string>>) =>
    Object.fromEntries(
        Object.entries(files).map(([path, text]) => [`${folder}/${path}`, text] as const),
    );

test("finds a folder in which git would run commands of a config that anybody can commit", () => {
    const ran = join(makeFolder({}), "ran");
    const folder = realpathSync(makeFolder(inside("app", planted(`touch ${ran}`))));
    const app = join(folder, "app");
    // The command with which buildx 0.35 asks for the commit.
    const show = ["show", "--format=%H", "HEAD", "--quiet", "--"];
    spawnSync("git", ["-c", "log.showSignature=false", ...show], { cwd: app });
    assert.equal(existsSync(ran), true, "git runs the command");
    assert.equal(findPlantedRepository(app), app);
});

test("looks behind links, and in the folders above up to the one of the checkout", () => {
    const folder = realpathSync(
        makeFolder({ ...inside("app", planted("false")), "app/src/a": "", link: "-> app/src" }),
    );
    assert.equal(findPlantedRepository(join(folder, "link")), join(folder, "app"));
    execFileSync("git", ["init", "--quiet"], { cwd: join(folder, "app/src") });
    assert.equal(findPlantedRepository(join(folder, "link")), undefined);
});

test("knows the second form of a repository, with a commondir", () => {
    const folder = realpathSync(makeFolder({ HEAD: "", commondir: "elsewhere\n" }));
    assert.equal(findPlantedRepository(folder), folder);
});

test("counts a link as HEAD or commondir when its target is missing", () => {
    const branch = realpathSync(
        makeFolder({ HEAD: "-> refs/heads/main", "objects/": "", "refs/": "" }),
    );
    assert.equal(spawnSync("git", ["rev-parse", "--git-dir"], { cwd: branch }).status, 0);
    assert.equal(findPlantedRepository(branch), branch);
    const common = realpathSync(makeFolder({ HEAD: "", commondir: "-> nowhere" }));
    assert.equal(findPlantedRepository(common), common);
});

test("accepts a checkout, other folders and a location that is no folder", () => {
    const checkout = makeFolder({ ...planted("false"), "app/HEAD": "", "app/refs/": "" });
    execFileSync("git", ["init", "--quiet"], { cwd: checkout });
    assert.equal(findPlantedRepository(join(checkout, "app")), undefined);
    assert.equal(findPlantedRepository("https://github.com/owner/name.git"), undefined);
});
