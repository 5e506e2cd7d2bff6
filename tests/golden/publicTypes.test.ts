import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { assertGolden } from "../support/golden";
import { root } from "../support/lab";

test("publishes the reviewed types", () => {
    const files = [
        "index",
        "bases/policy",
        "cachedImage",
        "cachedImageArgs",
        "context/slicePolicy",
        "imageProject",
        "imageProjectArgs",
        "userError",
        "testing",
    ];
    const text = files.map((name) => {
        const types = readFileSync(join(root, "dist", `${name}.d.ts`), "utf8");
        return `// ${name}.d.ts\n${types}`;
    });
    assertGolden("publicTypes.txt", text.join("\n"));
});
