import assert from "node:assert/strict";
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, before, test } from "node:test";
import fc from "fast-check";
import { fuzzing } from "../support/fuzzing";
import type { BuildCase } from "./buildCase";
import { loadComponent } from "./component";
import { applyEdit } from "./edits";
import { contextFiles, type Generated } from "./grammar";
import { Oracle } from "./oracle";
import { DockerBuild, type Judges, lookAt, Tally } from "./pairs";
import { walk } from "./walk";

const work = mkdtempSync(join(tmpdir(), "harbor-build-pairs-test-"));
const original = join(work, "original");
const context = join(work, "context");
const dockerfile = join(work, "Dockerfile");
let judges: Judges;

before(async () => {
    for (const [path, text] of Object.entries(contextFiles)) {
        const place = join(original, path);
        mkdirSync(dirname(place), { recursive: true });
        if (text.startsWith("->")) symlinkSync(text.slice(2), place);
        else writeFileSync(place, text);
    }
    mkdirSync(join(original, "empty"));
    const oracle = await Oracle.open();
    process.chdir(work);
    const component = await loadComponent();
    judges = { oracle, component, dockerBuild: await DockerBuild.open(work) };
    Error.stackTraceLimit = 0;
});

after(() => {
    judges.oracle.close();
    judges.dockerBuild.close();
    process.chdir(tmpdir());
    rmSync(work, { recursive: true, force: true });
});

function write({ text, ignore, given }: Generated): BuildCase {
    for (const left of [context, join(work, ".harbor-build")]) {
        rmSync(left, { recursive: true, force: true });
    }
    cpSync(original, context, { recursive: true, verbatimSymlinks: true });
    writeFileSync(dockerfile, text);
    const ignoreFile = `${dockerfile}.dockerignore`;
    rmSync(ignoreFile, { force: true });
    if (ignore !== undefined) writeFileSync(ignoreFile, ignore);
    return { ...given, ssh: [], name: "generated", dockerfile, context };
}

test("docker-build builds an image again when an edit changes BuildKit's result, and rarely otherwise", async (t) => {
    const tally = new Tally();
    await fc.assert(
        fc.asyncProperty(walk, async ({ generated, edits }) => {
            const build = write(generated);
            const looks = [await lookAt(judges, build)];
            for (const change of edits) {
                // Edits of what the component refuses from the start say nothing.
                if ("wrong" in (looks[0] ?? { wrong: [] })) break;
                if (!applyEdit(context, change)) continue;
                const now = await lookAt(judges, build);
                const about = `${JSON.stringify(change)} after ${looks.length - 1} edits`;
                if ("wrong" in now) {
                    tally.refused++;
                    assert.deepEqual(now.wrong, [], about);
                    continue;
                }
                // docker-build compares with its last build, which may be that of any earlier commit.
                const faults = looks.flatMap((past) => tally.compare(past, now));
                assert.deepEqual(faults, [], `${about} of\n${generated.text}`);
                looks.push(now);
            }
        }),
        fuzzing(t, 45),
    );
    t.diagnostic(String(tally));
    assert.ok(tally.changed * 4 > tally.pairs, "few edits change a result");
    assert.ok(tally.needless * 20 <= tally.same, "many images are built without need");
});

test("docker-build reads what the component makes of comments that configure checks", async () => {
    const text = "# check=error=true\nFROM scratch\n# check=skip=all\nCOPY a.txt /\n";
    for (const slicing of ["auto", "whole"] as const) {
        const look = await lookAt(judges, write({ text, ignore: undefined, given: { slicing } }));
        assert.deepEqual("images" in look && [...look.images.keys()], ["[null,null]"]);
    }
});
