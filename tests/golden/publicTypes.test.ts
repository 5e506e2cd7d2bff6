import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { assertGolden } from "../support/golden";
import { root } from "../support/lab";

test("publishes the reviewed types", () => {
    const files = [
        "index",
        "image/cachedImage",
        "image/args",
        "project/imageProject",
        "project/args",
        "project/robots",
        "access/args",
        "bases/policy",
        "cache/backend",
        "slice/slicePolicy",
        "arguments/userError",
        "testing",
        "sdk",
    ];
    const text = files.map((name) => {
        const types = readFileSync(join(root, "dist", `${name}.d.ts`), "utf8");
        return `// ${name}.d.ts\n${types}`;
    });
    assertGolden("publicTypes.txt", text.join("\n"));
});
