import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { before, test } from "node:test";
import { assertGolden } from "../support/golden";
import { root } from "../support/lab";

/** What npm would pack, as it reports it. */
interface Packed {
    readonly files: readonly { readonly path: string }[];
    /** In bytes. */
    readonly size: number;
    readonly unpackedSize: number;
}

let packed: Packed;

before(() => {
    const listing = execFileSync("npm", ["pack", "--dry-run", "--json", "--ignore-scripts"], {
        cwd: root,
        encoding: "utf8",
        stdio: ["ignore", "pipe", "ignore"],
    });
    // npm prints one element per package.
    [packed] = JSON.parse(listing) as [Packed];
});

test("packs the reviewed files", () => {
    const own = packed.files
        .map(({ path }) => path)
        .filter((path) => !path.startsWith("dist/harborSdk/"));
    assertGolden("package.txt", `${own.sort().join("\n")}\n`);
});

test("is as small as the documentation states", () => {
    const page = readFileSync(join(root, "docs/guides/set-up.md"), "utf8");
    const stated = /at most (\S+) MB packed and (\S+) MB unpacked/.exec(page)?.slice(1).map(Number);
    const megabytes = [packed.size, packed.unpackedSize].map((bytes) => bytes / 1e6);
    for (const [at, limit] of (stated ?? []).entries()) {
        const found = megabytes[at] ?? 0;
        assert.ok(found <= limit && found > limit * 0.8, `${found} MB, and the documentation states ${limit}`);
    }
    assert.equal(stated?.length, 2);
});
