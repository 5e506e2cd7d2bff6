import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import {
    chmodSync,
    chownSync,
    existsSync,
    linkSync,
    lstatSync,
    mkdirSync,
    mkdtempSync,
    readdirSync,
    readFileSync,
    readlinkSync,
    rmSync,
    statSync,
    symlinkSync,
    utimesSync,
    writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { restoreSignal, saveSignal } from "../../../src/mounts/outcome";
import {
    type CarriedMount,
    restoreStages,
    type SaveTarget,
    saveDockerfile,
} from "../../../src/mounts/stages";

const mount: CarriedMount = {
    key: "k",
    id: "/m",
    name: "r.io/shop:/m",
    options: "type=cache,id=r.io/shop:/m",
    image: "alpine",
    base: "alpine",
};
const machine = spawnSync("uname", ["-m"], { encoding: "utf8" }).stdout.trim();

const programOf = (name: string) =>
    spawnSync("sh", ["-c", `command -v ${name}`], { encoding: "utf8" }).stdout.trim();

/** Runs the script of a step with a folder in place of the image's root. */
function run(lines: readonly string[], root: string, path = process.env["PATH"] ?? ""): void {
    const json = lines.find((line) => line.startsWith("SHELL "))?.replace("SHELL ", "");
    const [shell = "", flag = "", script = ""] = JSON.parse(json ?? "[]");
    const moved = script.replaceAll(/(?<!\/b)\/\.harbor-build/g, `${root}/.harbor-build`);
    const { status, stderr } = spawnSync(shell, [flag, moved], {
        encoding: "utf8",
        env: { PATH: path },
    });
    assert.equal(status, 0, stderr);
}

const restore = (root: string) => run(restoreStages(mount, String), root);
const save = (root: string, given: Partial<SaveTarget> = {}, one = mount, path?: string) =>
    run(
        saveDockerfile([one], { name: "here", fallbacks: [], bytesMax: 1 << 20, ...given }).split(
            "\n",
        ),
        root,
        path,
    );

/** A root whose mount has these files. */
function makeRoot(files: Readonly<Record<string, string | Buffer>>): string {
    const root = mkdtempSync(join(tmpdir(), "hb-mount-"));
    // BuildKit makes these: three targets of mounts, and the WORKDIR of each stage.
    for (const folder of [
        ".harbor-build/a",
        ".harbor-build/b",
        ".harbor-build/c",
        ".harbor-build-saved/files",
        ".harbor-build-restored",
    ])
        mkdirSync(join(root, folder), { recursive: true });
    for (const [name, content] of Object.entries(files)) {
        writeFileSync(join(root, ".harbor-build", name), content);
    }
    return root;
}

const mounted = (root: string) => readdirSync(join(root, ".harbor-build", "b")).sort();
const saved = (root: string, name: string) => join(root, ".harbor-build-saved/files", name);

test("what one builder saves, another with an empty mount restores", () => {
    const first = makeRoot({ "b/objects": "compiled", "b/.hidden": "" });
    save(first);
    const tar = readFileSync(saved(first, `k-${machine}.tar`));
    const second = makeRoot({ [`a/k-${machine}.tar`]: tar });
    restore(second);
    assert.deepEqual(mounted(second), [".hidden", "objects"]);
    assert.equal(readFileSync(join(second, ".harbor-build/b/objects"), "utf8"), "compiled");
    const full = makeRoot({ [`a/k-${machine}.tar`]: tar, "b/own": "" });
    restore(full);
    assert.deepEqual(mounted(full), ["own"], "a mount with content stays as it is");
});

test("leaves the mount empty if the save is unusable or missing, and encodes the reason in the size of a file", () => {
    const first = makeRoot({ "b/objects": randomBytes(100_000) });
    save(first);
    const tar = readFileSync(saved(first, `k-${machine}.tar`));
    const { damaged, foreign } = restoreSignal;
    for (const [files, size] of [
        [{ [`a/k-${machine}.tar`]: tar.subarray(0, 50_000) }, damaged],
        [{ [`a/k-${machine}.tar`]: "no archive" }, damaged],
        [{ "a/k": "", "a/k-other64.tar": tar }, foreign],
        [{ "a/README": "not a save" }, foreign],
    ] as const) {
        const root = makeRoot(files);
        restore(root);
        assert.deepEqual(mounted(root), []);
        assert.equal(statSync(join(root, ".harbor-build-restored/done")).size, 0);
        assert.equal(statSync(join(root, ".harbor-build-restored/signal")).size, size);
    }
});

test("no save, and a mount with content, give no signal", () => {
    const empty = makeRoot({});
    mkdirSync(join(empty, ".harbor-build/a/harbor-build-k"));
    for (const root of [empty, makeRoot({ "a/README": "not a save", "b/own": "" })]) {
        restore(root);
        assert.equal(statSync(join(root, ".harbor-build-restored/done")).size, 0);
        assert.equal(existsSync(join(root, ".harbor-build-restored/signal")), false);
    }
});

test("gives the files of each mount names of their own, because layers leave out a file with the size and time of one below", () => {
    const two = ["k", "l"].map((key) => ({ ...mount, key }));
    const names = (bytesMax: number) =>
        two.map((one) => {
            const root = makeRoot({ "b/objects": randomBytes(2000) });
            save(root, { bytesMax }, one);
            return readdirSync(saved(root, "")).sort();
        });
    assert.deepEqual(names(1 << 20), [
        ["k", `k-${machine}.tar`],
        ["l", `l-${machine}.tar`],
    ]);
    assert.deepEqual(names(1000), [
        ["k", "k-signal"],
        ["l", "l-signal"],
    ]);
});

test("removes what a killed restore left, and restores again", () => {
    const first = makeRoot({ "b/objects": "compiled" });
    save(first);
    const tar = readFileSync(saved(first, `k-${machine}.tar`));
    for (const [own, expected] of [
        [{}, ["objects"]],
        [{ "b/own": "of another build" }, ["own"]],
    ] as const) {
        const root = makeRoot({ [`a/k-${machine}.tar`]: tar, ...own });
        mkdirSync(join(root, ".harbor-build/b/.harbor-build/partial"), { recursive: true });
        restore(root);
        assert.deepEqual(mounted(root), expected);
    }
    const root = makeRoot({ "b/objects": "compiled" });
    mkdirSync(join(root, ".harbor-build/b/.harbor-build/partial"), { recursive: true });
    save(root);
    assert.deepEqual(mounted(root), ["objects"]);
});

test("restores more files than a command can name, with the owner and mode of the mount", () => {
    const first = makeRoot({});
    const folder = join(first, ".harbor-build/b");
    for (let index = 0; index < 401; index++) writeFileSync(join(folder, `.o ${index}`), "");
    writeFileSync(join(folder, "..two dots"), "");
    mkdirSync(join(folder, "empty"));
    symlinkSync("absent", join(folder, "link"));
    chmodSync(folder, 0o2770);
    if (process.getuid?.() === 0) chownSync(folder, 12, 34);
    save(first);
    const tar = readFileSync(saved(first, `k-${machine}.tar`));
    const facts = (root: string) => {
        const { mode, uid, gid } = statSync(join(root, ".harbor-build/b"));
        return { mode, uid, gid };
    };
    for (const [find, moves] of [
        [`exec ${programOf("find")} "$@"`, 1],
        // What finds of a few images lack.
        ["exit 1", 3],
    ] as const) {
        const second = makeRoot({ [`a/k-${machine}.tar`]: tar });
        const programs = join(second, "programs");
        mkdirSync(programs);
        const program = (name: string, script: string) =>
            writeFileSync(join(programs, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
        program("find", find);
        program("mv", `echo >> ${second}/moves; exec ${programOf("mv")} "$@"`);
        const path = `${programs}:${process.env["PATH"]}`;
        run(restoreStages(mount, String), second, path);
        assert.deepEqual(mounted(second), mounted(first));
        assert.deepEqual(facts(second), facts(first));
        assert.equal(readFileSync(join(second, "moves"), "utf8").length, moves);
    }
});

test("keeps the times, modes and links of files, and leaves out sockets", async () => {
    const first = makeRoot({ "b/program": "compiled" });
    const folder = join(first, ".harbor-build/b");
    chmodSync(join(folder, "program"), 0o4751);
    utimesSync(join(folder, "program"), 1_500_000_000, 1_500_000_000);
    linkSync(join(folder, "program"), join(folder, "same"));
    symlinkSync("/nonexistent/target", join(folder, "link"));
    mkdirSync(join(folder, "sub"));
    utimesSync(join(folder, "sub"), 1_400_000_000, 1_400_000_000);
    const server = createServer();
    // What a language server leaves in its cache.
    await new Promise<void>((done) => server.listen(join(folder, "socket"), done));
    save(first);
    server.close();
    const tar = readFileSync(saved(first, `k-${machine}.tar`));
    const second = makeRoot({ [`a/k-${machine}.tar`]: tar });
    restore(second);
    const fileOf = (name: string) => lstatSync(join(second, ".harbor-build/b", name));
    assert.deepEqual(mounted(second), ["link", "program", "same", "sub"]);
    assert.deepEqual(
        [fileOf("program").mode & 0o7777, fileOf("program").mtimeMs],
        [0o4751, 1_500_000_000_000],
    );
    assert.equal(fileOf("same").ino, fileOf("program").ino);
    assert.equal(fileOf("sub").mtimeMs, 1_400_000_000_000);
    assert.equal(readlinkSync(join(second, ".harbor-build/b/link")), "/nonexistent/target");
});

test("saves no mount whose files change while it is packed", () => {
    const root = makeRoot({ "b/objects": randomBytes(300_000) });
    const programs = join(root, "programs");
    mkdirSync(programs);
    const tar = programOf("tar");
    const path = `${programs}:${process.env["PATH"]}`;
    const objects = join(root, ".harbor-build/b/objects");
    for (const script of [
        // What GNU tar and busybox do.
        `${tar} "$@"; exit 1`,
        `sleep 0.1; echo more >> "${objects}"; ${tar} "$@" 2> /dev/null; exit 0`,
    ]) {
        writeFileSync(join(programs, "tar"), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
        save(root, {}, mount, path);
        assert.deepEqual(readdirSync(saved(root, "")), ["k", "k-signal"]);
        assert.equal(statSync(saved(root, "k-signal")).size, saveSignal.changing);
        assert.deepEqual(readdirSync(join(root, ".harbor-build/c")), []);
        rmSync(saved(root, "k-signal"));
    }
});

test("saves no mount that is similar to the save of a fallback, however old that is", () => {
    const main = makeRoot({ "b/objects": randomBytes(800_000) });
    save(main);
    const note = readFileSync(saved(main, "k"), "utf8").replace(/\d+\n$/, "1000000000\n");
    const tar = readFileSync(saved(main, `k-${machine}.tar`));
    const branch = makeRoot({ [`a/k-${machine}.tar`]: tar, "a/k": note });
    restore(branch);
    const given = { name: "branch", fallbacks: ["other", "here"] };
    save(branch, given);
    assert.deepEqual(readdirSync(saved(branch, "")), ["k"]);
    assert.deepEqual(readdirSync(join(branch, ".harbor-build/c")), ["here"]);
    writeFileSync(join(branch, ".harbor-build/b/large"), randomBytes(50_000));
    save(branch, given);
    assert.deepEqual(readdirSync(saved(branch, "")), ["k", `k-${machine}.tar`]);
});

test("names its steps in BuildKit's log by the mount, without their scripts", () => {
    const withoutScripts = (lines: readonly string[]) =>
        lines.map((line) => {
            if (!line.startsWith("SHELL ")) return line;
            const [shell, flag, , name] = JSON.parse(line.slice("SHELL ".length));
            return [shell, flag, name].join(" ");
        });
    const empty = ["FROM scratch AS harbor-build-saved-k", "WORKDIR /harbor-build-k"];
    const shell = "/bin/sh -c harbor-build";
    const flags =
        "--mount=type=bind,from=harbor-build-saved-k,target=/.harbor-build/a " +
        "--mount=type=cache,id=r.io/shop:/m,target=/.harbor-build/b " +
        "--mount=type=cache,id=harbor-build-k,sharing=locked,target=/.harbor-build/c";
    assert.deepEqual(withoutScripts(restoreStages(mount, String)), [
        ...empty,
        "FROM alpine AS harbor-build-linux-restore-k",
        "USER 0:0",
        "WORKDIR /.harbor-build-restored",
        shell,
        `RUN ${flags} restore /m`,
    ]);
    const save = saveDockerfile([mount], { name: "here", fallbacks: [], bytesMax: 1 });
    assert.deepEqual(withoutScripts(save.split("\n")), [
        ...empty,
        "FROM alpine AS harbor-build-linux-save-k",
        "USER 0:0",
        "WORKDIR /.harbor-build-saved/files",
        "ARG HARBOR_BUILD_TRIGGER",
        shell,
        `RUN ${flags} save /m`,
        "FROM scratch",
        "COPY --from=harbor-build-linux-save-k /.harbor-build-saved/files/ /",
        "",
    ]);
});

test("saves a mount again only after a larger change, after a day, or for another cache", () => {
    const first = makeRoot({ "b/objects": randomBytes(800_000) });
    const saves = (root: string, given: Partial<SaveTarget> = {}) => {
        rmSync(saved(root, ""), { recursive: true });
        mkdirSync(saved(root, ""));
        save(root, given);
        return existsSync(saved(root, `k-${machine}.tar`));
    };
    assert.equal(saves(first), true);
    const own = { [`a/k-${machine}.tar`]: readFileSync(saved(first, `k-${machine}.tar`)) };
    const note = readFileSync(saved(first, "k"), "utf8");
    assert.match(note, /^here \d+ \d+\n$/);
    const second = makeRoot({ ...own, "a/k": note });
    restore(second);
    for (const root of [first, second]) {
        assert.equal(saves(root), false);
        writeFileSync(join(root, ".harbor-build/b/small"), randomBytes(20_000));
        assert.equal(saves(root), false);
        assert.deepEqual(readdirSync(saved(root, "")), ["k"]);
        assert.equal(saves(root, { name: "elsewhere" }), true);
        writeFileSync(join(root, ".harbor-build/b/large"), randomBytes(50_000));
        assert.equal(saves(root), true);
        const file = join(root, ".harbor-build/c/here");
        const [size, time] = readFileSync(file, "utf8").split(" ").map(Number);
        writeFileSync(file, `${size} ${(time ?? 0) - 24 * 60 * 60}\n`);
        assert.equal(saves(root), true);
        for (const text of ["", "no numbers\n", "1x 08\n", "1 2 3\n"]) {
            writeFileSync(file, text);
            assert.equal(saves(root), true, text);
        }
    }
});

test("saves a mount without a place for notes", () => {
    const root = makeRoot({ "b/objects": "compiled" });
    rmSync(join(root, ".harbor-build/c"), { recursive: true });
    save(root);
    assert.deepEqual(readdirSync(saved(root, "")), ["k", `k-${machine}.tar`]);
});

test("packs no archive of a mount that is empty or too large, or without tar, and encodes the reason in the size", () => {
    const empty = makeRoot({});
    save(empty);
    assert.deepEqual(readdirSync(saved(empty, "")), ["k"]);
    const large = makeRoot({ "b/objects": randomBytes(300_000) });
    save(large, { bytesMax: 100_000 });
    assert.deepEqual(readdirSync(saved(large, "")), ["k", "k-signal"]);
    assert.equal(statSync(saved(large, "k-signal")).size, saveSignal.tooLarge);
    const without = makeRoot({ "b/objects": "x" });
    const programs = join(without, "programs");
    mkdirSync(programs);
    for (const program of ["head", "ls", "rm"]) {
        const found = spawnSync("sh", ["-c", `command -v ${program}`], { encoding: "utf8" });
        const text = `#!/bin/sh\nexec ${found.stdout.trim()} "$@"\n`;
        writeFileSync(join(programs, program), text, { mode: 0o755 });
    }
    save(without, {}, mount, programs);
    assert.equal(statSync(saved(without, "k-signal")).size, saveSignal.noTar);
});
