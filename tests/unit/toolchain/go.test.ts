import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { findGo, goEnvironment, obstacleOf } from "../../../tools/toolchain/pieces/go";
import { temporaryFolder } from "./temporary";

const root = temporaryFolder();

/** A folder with a `go` of that version. */
function goFolder(version: string): string {
    const folder = join(root, version);
    mkdirSync(folder);
    writeFileSync(join(folder, "go"), `#!/bin/sh\necho go${version}\n`, { mode: 0o755 });
    return folder;
}

test("skips a Go that is too old", async () => {
    const folders = [goFolder("1.19.8"), goFolder("1.27.1"), goFolder("1.28.0")];
    process.env["PATH"] = [...folders, "/bin"].join(":");
    assert.deepEqual(await findGo(), { path: join(root, "1.27.1", "go"), version: "1.27.1" });
});

test("names what to do when Go is missing or too old", () => {
    assert.equal(
        obstacleOf(undefined),
        "no Go compiler on PATH or in /usr/local/go/bin. " +
            "Install Go 1.26 or newer (https://go.dev/dl) and put it on PATH",
    );
    assert.equal(
        obstacleOf({ path: "/usr/bin/go", version: "1.19.8" }),
        "/usr/bin/go is Go 1.19.8; the toolchain needs 1.26 or newer. " +
            "Install Go 1.26 or newer (https://go.dev/dl) and put it on PATH",
    );
    assert.equal(obstacleOf({ path: "/usr/bin/go", version: "1.26.0" }), undefined);
});

test("uses the user's caches and proxy, but no setting that changes versions or targets", () => {
    Object.assign(process.env, {
        GOPROXY: "https://proxy.example.com",
        GOCACHE: "/cache",
        GOFLAGS: "-mod=mod",
        GOTOOLCHAIN: "auto",
        GOOS: "plan9",
        GOARCH: "mips",
    });
    const environment = goEnvironment();
    assert.equal(environment["GOPROXY"], "https://proxy.example.com");
    assert.equal(environment["GOCACHE"], "/cache");
    assert.equal(environment["GOFLAGS"], "-mod=readonly -buildvcs=false");
    assert.equal(environment["GOTOOLCHAIN"], "local");
    assert.deepEqual([environment["GOOS"], environment["GOARCH"]], [undefined, undefined]);
});
