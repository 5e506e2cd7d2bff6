import { execFileSync } from "node:child_process";
import { test } from "node:test";
import { assertGolden } from "../support/golden";
import { root } from "../support/lab";

test("packs the reviewed files", () => {
    const listing = execFileSync("npm", ["pack", "--dry-run", "--json", "--ignore-scripts"], {
        cwd: root,
        encoding: "utf8",
        stdio: ["ignore", "pipe", "ignore"],
    });
    // npm prints one element per package.
    const [packed] = JSON.parse(listing) as [{ files: { path: string }[] }];
    const own = packed.files
        .map(({ path }) => path)
        .filter((path) => !path.startsWith("node_modules/@pulumi/harbor/bin/"));
    assertGolden("package.txt", `${own.sort().join("\n")}\n`);
});
