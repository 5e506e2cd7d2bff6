import assert from "node:assert/strict";
import { test } from "node:test";
import { CommandFailed, explainFailure, ToolchainError } from "../../../tools/toolchain/failure";

const step = {
    piece: "BuildKit 0.31.1",
    cacheFolder: "/",
    log: "/cache/logs/buildkit.log",
    folders: { GOCACHE: "/nowhere" },
    origin: "the Go module proxy (GOPROXY=https://proxy.example.com)",
};

async function explained(output: string): Promise<string> {
    const failure = new CommandFailed("go build", "exit code 1", output);
    return (await explainFailure(failure, step)).message;
}

test("reports a full disk with the folders of the build and their free space", async () => {
    const message = await explained(
        "compile: writing output: write $WORK/b: no space left on device",
    );
    assert.match(
        message,
        /^BuildKit 0\.31\.1 could not be built: the disk is full\. The build writes to cache \/ \([0-9.]+ GB free\), GOCACHE \/nowhere \(free space unknown\)/,
    );
    assert.match(message, /point HARBOR_BUILD_CACHE, GOCACHE, GOMODCACHE or GOTMPDIR at a larger/);
    assert.match(message, /The whole output is in \/cache\/logs\/buildkit\.log$/);
});

test("explains an error of the file system like an error of the compiler", async () => {
    const error = Object.assign(new Error("ENOSPC: no space left on device, write"), {
        code: "ENOSPC",
    });
    assert.match((await explainFailure(error, step)).message, /: the disk is full\./);
});

test("reports a cache folder that is a file", async () => {
    const error = new Error("ENOTDIR: not a directory, mkdir '/file/toolchain'");
    assert.match(
        (await explainFailure(error, step)).message,
        /^BuildKit 0\.31\.1 could not be built: \/ or a folder above it is a file\. Point HARBOR_BUILD_CACHE at a folder\./,
    );
});

test("names an unreachable registry and what to check", async () => {
    const message = await explained(
        'go: github.com/x@v1: Get "https://proxy.example.com/x": dial tcp: lookup proxy.example.com: no such host',
    );
    assert.match(
        message,
        /its downloads from the Go module proxy \(GOPROXY=https:\/\/proxy\.example\.com\) failed\. Check the network and any proxy settings/,
    );
});

test("distinguishes a wrong checksum from a network fault", async () => {
    const message = await explained("verifying x@v1: checksum mismatch\n\tSECURITY ERROR");
    assert.match(message, /the download differs from the pinned checksum/);
});

test("reports missing rights with the folders that need them", async () => {
    const message = await explained("open /root/x: permission denied");
    assert.match(message, /These folders must belong to you: GOCACHE \/nowhere, cache \//);
});

test("reports an unknown failure unchanged, with the last six lines", async () => {
    const output = [1, 2, 3, 4, 5, 6, 7, 8].map((n) => `line ${n}`).join("\n");
    assert.equal(
        await explained(output),
        "BuildKit 0.31.1 could not be built: go build: exit code 1.\n" +
            [3, 4, 5, 6, 7, 8].map((n) => `    line ${n}\n`).join("") +
            "The whole output is in /cache/logs/buildkit.log",
    );
});

test("leaves an explained error unchanged", async () => {
    const error = new ToolchainError("there is no Go");
    assert.equal(await explainFailure(error, step), error);
});
