import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, before, test } from "node:test";
import fc from "fast-check";
import { fuzzing } from "../support/fuzzing";
import type { BuildCase } from "./buildCase";
import { compare, type Difference } from "./compare";
import { type Component, declare, loadComponent } from "./component";
import { contextFiles, type Generated, generated } from "./grammar";
import { Oracle } from "./oracle";

const work = mkdtempSync(join(tmpdir(), "harbor-build-oracle-test-"));
const context = join(work, "context");
const dockerfile = join(work, "Dockerfile");
let oracle: Oracle;
let component: Component;

before(async () => {
    for (const [path, text] of Object.entries(contextFiles)) {
        const place = join(context, path);
        mkdirSync(dirname(place), { recursive: true });
        if (text.startsWith("->")) symlinkSync(text.slice(2), place);
        else writeFileSync(place, text);
    }
    mkdirSync(join(context, "empty"));
    oracle = await Oracle.open();
    process.chdir(work);
    component = await loadComponent();
    // Pulumi records a stack trace for each promise, which takes most of the time of a case.
    Error.stackTraceLimit = 0;
});

after(() => {
    oracle.close();
    process.chdir(tmpdir());
    rmSync(work, { recursive: true, force: true });
});

function write({ text, ignore, given }: Generated): BuildCase {
    writeFileSync(dockerfile, text);
    const ignoreFile = `${dockerfile}.dockerignore`;
    rmSync(ignoreFile, { force: true });
    if (ignore !== undefined) writeFileSync(ignoreFile, ignore);
    return { ...given, name: "generated", dockerfile, context };
}

/**
 * A stop because a trigger names what the slice leaves out, although the result would be the same.
 */
const isCaution = ({ kind, detail }: Difference) =>
    kind === "refused" && detail.includes("has the trigger");

test("builds what BuildKit makes of the whole for every generated Dockerfile", async (t) => {
    let [built, refused, cautious] = [0, 0, 0];
    await fc.assert(
        fc.asyncProperty(generated, async (one) => {
            const build = write(one);
            const differences = await declare(component, build, (declaration) => {
                if ("images" in declaration) built++;
                else refused++;
                return compare(oracle, build, declaration);
            });
            const wrong = differences.filter((difference) => !isCaution(difference));
            cautious += wrong.length < differences.length ? 1 : 0;
            assert.deepEqual(wrong, [], one.text);
        }),
        fuzzing(t, 500),
    );
    t.diagnostic(
        `${built} built, ${refused} refused, ${cautious} stopped for triggers without need`,
    );
    assert.ok(cautious * 200 <= built, `${cautious} of ${built} builds stopped without need`);
    assert.ok(built > refused, `${refused} of ${built + refused} Dockerfiles were refused`);
});
