import assert from "node:assert/strict";
import {
    mkdirSync,
    readdirSync,
    readFileSync,
    realpathSync,
    truncateSync,
    writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import pins from "../../../tools/toolchain/pins.json";
import { startBootstrap, tinyClone } from "./clone";
import { temporaryFolder } from "./temporary";

const root = realpathSync(temporaryFolder());
const packageName = `node-${process.platform}-${process.arch}`;
let count = 0;

/**
 * A clone for which this Node.js is too old, with an npm that serves a fake Node.js. The fake prints
 * `version` when asked, and otherwise runs the real Node.js. The npm logs each fetch.
 */
function oldMachine(version = `v${pins.node.version}`) {
    count += 1;
    const home = join(root, `machine-${count}`);
    const folder = tinyClone(join(home, "clone"), "console.log(process.argv[2])");
    writeFileSync(
        join(folder, "tools", "toolchain", "pins.json"),
        JSON.stringify({ ...pins, node: { ...pins.node, minimumMajor: 99 } }),
    );
    const bin = join(home, "bin");
    mkdirSync(bin);
    const log = join(home, "fetches.log");
    writeFileSync(log, "");
    const fakeNode = `#!/bin/sh\n[ "$1" = --version ] && echo ${version} && exit\nexec ${process.execPath} "$@"\n`;
    writeFileSync(join(bin, "served-node"), fakeNode, { mode: 0o755 });
    const npm = `#!/bin/sh
case "$* $(cat package.json)" in
--version*) echo 11.0.0 ;;
*${packageName}*)
    echo "$1 $4 $(cat package-lock.json)" >> ${log}
    mkdir -p node_modules/${packageName}/bin
    cp ${bin}/served-node node_modules/${packageName}/bin/node ;;
*) mkdir -p node_modules/tsx && cp local/tsx/* node_modules/tsx && cp package-lock.json node_modules/.package-lock.json ;;
esac
`;
    writeFileSync(join(bin, "npm"), npm, { mode: 0o755 });
    const cache = join(home, "cache");
    const environment = { HARBOR_BUILD_CACHE: cache, PATH: `${bin}:/usr/bin:/bin`, HOME: home };
    const entry = `node-${pins.node.version}-${process.platform}-${process.arch}`;
    return { folder, environment, log, entry: join(cache, "toolchain", entry) };
}

test("fetches the pinned Node.js once when the machine's is too old", async () => {
    const { folder, environment, log, entry } = oldMachine();
    const first = await startBootstrap(folder, ["one"], environment);
    assert.equal(first.stdout, "one\n", first.stderr);
    assert.match(
        first.stderr,
        /^toolchain: .* about 9 minutes .*\ntoolchain: fetching Node\.js \d+\.\d+\.\d+ \(this is .*; harbor-build needs 99 or newer\)\n/,
    );
    const second = await startBootstrap(folder, ["two"], environment);
    assert.deepEqual(second, { code: 0, signal: null, stdout: "two\n", stderr: "" });
    const fetches = readFileSync(log, "utf8").trimEnd().split("\n");
    assert.equal(fetches.length, 1);
    const { version, integrity } = pins.node;
    const pinned = Object.entries(integrity).find(([name]) => name === packageName)?.[1];
    const [command, option, ...lock] = (fetches[0] ?? "").split(" ");
    assert.deepEqual([command, option], ["ci", "--ignore-scripts"]);
    assert.deepEqual(JSON.parse(lock.join(" ")).packages[`node_modules/${packageName}`], {
        version,
        integrity: pinned,
    });
    assert.deepEqual(readdirSync(entry).sort(), [".manifest.json", ".stamps.json", "bin"]);
});

test("reports a damaged Node.js in the cache and fetches it again", async () => {
    const { folder, environment, log, entry } = oldMachine();
    await startBootstrap(folder, ["one"], environment);
    truncateSync(join(entry, "bin", "node"), 3);
    const run = await startBootstrap(folder, ["two"], environment);
    assert.equal(run.stdout, "two\n", run.stderr);
    assert.match(run.stderr, /the cached Node\.js is damaged \(bin\/node has 3 bytes instead of /);
    assert.equal(readFileSync(log, "utf8").trimEnd().split("\n").length, 2);
});

test("fetches Node.js once when two runs need it", async () => {
    const { folder, environment, log } = oldMachine();
    const runs = await Promise.all(
        ["a", "b"].map((arg) => startBootstrap(folder, [arg], environment)),
    );
    assert.deepEqual(
        runs.map(({ code, stdout }) => [code, stdout]),
        [
            [0, "a\n"],
            [0, "b\n"],
        ],
    );
    assert.equal(readFileSync(log, "utf8").trimEnd().split("\n").length, 1);
});

test("rejects a Node.js that does not run here and keeps nothing of it", async () => {
    const { folder, environment, entry } = oldMachine("v1.2.3");
    const run = await startBootstrap(folder, ["one"], environment);
    assert.equal(run.code, 1);
    assert.match(
        run.stderr,
        /error: the Node\.js \S+ that npm serves does not run here \(v1\.2\.3\)\. Install Node\.js 99 or newer/,
    );
    assert.deepEqual(readdirSync(join(entry, "..")), []);
});

test("ends with a message when the cache cannot hold a folder", async () => {
    const { folder, environment } = oldMachine();
    const below = { ...environment, HARBOR_BUILD_CACHE: "/proc/none" };
    const { code, stderr } = await startBootstrap(folder, ["one"], below);
    assert.equal(code, 1);
    assert.match(
        stderr,
        /error: ENOENT: no such file or directory, mkdir '\/proc\/none'\. Point HARBOR_BUILD_CACHE at a folder\n$/,
    );
});
