import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { test } from "node:test";
import { assertGolden } from "../support/golden";
import { known, mockPulumi } from "../support/mocks";

test("declares the reviewed resources for the quickstart", async () => {
    const context = mkdtempSync(join(tmpdir(), "hb-golden-"));
    writeFileSync(
        join(context, "Dockerfile"),
        "FROM golang:1.26 AS build\nRUN go build\nFROM alpine\nCOPY --from=build /app /\n",
    );
    const declared = await mockPulumi({ config: { "harbor:url": "https://harbor.example.com" } });
    // The mocks must be set before the package loads Pulumi's resources.
    const { CachedImage } = require("../../src/index") as typeof import("../../src/index");
    const fm = new CachedImage("fm", {
        project: { name: "shop" },
        context,
        tags: ["1.0.0"],
        retainImages: false,
    });
    await known(fm.ref);
    const text = JSON.stringify(declared.resources, undefined, 4).replaceAll(relative("", context), "CONTEXT");
    assertGolden("resourceGraph.json", `${text}\n`);
});
