import assert from "node:assert/strict";
import { test } from "node:test";
import { CommandFailed, explainFailure, ToolchainError } from "../../../toolchain/failure";

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

test("a full disk is told with the folders written to and what is free there", async () => {
    const message = await explained(
        "compile: writing output: write $WORK/b: no space left on device",
    );
    assert.match(
        message,
        /^BuildKit 0\.31\.1 could not be made: the disk is full\. It writes to cache \/ \([0-9.]+ GB free\), GOCACHE \/nowhere \(free space unknown\)/,
    );
    assert.match(message, /point HARBOR_BUILD_CACHE, GOCACHE, GOMODCACHE or GOTMPDIR at a larger/);
    assert.match(message, /All it printed is in \/cache\/logs\/buildkit\.log$/);
});

test("an error of the file system is told like one of the compiler", async () => {
    const error = Object.assign(new Error("ENOSPC: no space left on device, write"), {
        code: "ENOSPC",
    });
    assert.match((await explainFailure(error, step)).message, /: the disk is full\./);
});

test("a registry that cannot be reached is named, and what to look at", async () => {
    const message = await explained(
        'go: github.com/x@v1: Get "https://proxy.example.com/x": dial tcp: lookup proxy.example.com: no such host',
    );
    assert.match(
        message,
        /could not be had from the Go module proxy \(GOPROXY=https:\/\/proxy\.example\.com\)\. Check the network and any proxy settings/,
    );
});

test("a checksum that does not match is no network fault", async () => {
    const message = await explained("verifying x@v1: checksum mismatch\n\tSECURITY ERROR");
    assert.match(message, /what was downloaded is not what is pinned/);
});

test("missing rights are told with the folders they are needed on", async () => {
    const message = await explained("open /root/x: permission denied");
    assert.match(message, /These folders must belong to you: GOCACHE \/nowhere, cache \//);
});

test("what is not known is told as it came, with the last six lines", async () => {
    const output = [1, 2, 3, 4, 5, 6, 7, 8].map((n) => `line ${n}`).join("\n");
    assert.equal(
        await explained(output),
        "BuildKit 0.31.1 could not be made: go build: exit code 1.\n" +
            [3, 4, 5, 6, 7, 8].map((n) => `    line ${n}\n`).join("") +
            "All it printed is in /cache/logs/buildkit.log",
    );
});

test("what is explained already stays as it is", async () => {
    const error = new ToolchainError("there is no Go");
    assert.equal(await explainFailure(error, step), error);
});
