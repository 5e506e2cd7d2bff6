import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { corpus } from "../integration/dockerfile/corpus";
import { makeContext } from "../integration/dockerfile/fixture";
import { type BuildCase, layOut, readCorpus } from "./buildCase";
import { compare, wholeRequest } from "./compare";
import { type Component, declare, loadComponent } from "./component";
import { Oracle } from "./oracle";

const work = mkdtempSync(join(tmpdir(), "harbor-build-oracle-test-"));
const shared = makeContext();
let oracle: Oracle;
let component: Component;

before(async () => {
    oracle = await Oracle.open();
    // The component writes its slices below the program's folder.
    process.chdir(work);
    component = await loadComponent();
});

after(() => {
    oracle.close();
    shared.remove();
    process.chdir(tmpdir());
    rmSync(work, { recursive: true, force: true });
});

async function judge(build: BuildCase, expected: { readonly refused: boolean }): Promise<void> {
    const whole = await oracle.ask(wholeRequest(build, build.target, build.platforms));
    const fails = whole.platforms?.some(({ reads }) => reads.some((read) => read.error));
    const isRefused = whole.error !== undefined || fails === true;
    assert.equal(isRefused, expected.refused, whole.error ?? "BuildKit builds it");
    const differences = await declare(component, build, (declaration) =>
        compare(oracle, build, declaration),
    );
    assert.deepEqual(differences, []);
}

for (const folder of ["reads", "refused", "stages", "syntax", "variables"]) {
    describe(`runs the oracle on the ${folder}`, () => {
        for (const { name, text, given } of corpus(folder)) {
            test(`${name}: the component builds what BuildKit makes of the whole`, async () => {
                const { platform, ...options } = given;
                const platforms = platform === undefined ? {} : { platforms: [platform] };
                const dockerfile = join(work, "Dockerfile");
                writeFileSync(dockerfile, text);
                const build = { name, dockerfile, context: shared.folder };
                await judge(
                    { ...build, ...options, ...platforms },
                    { refused: folder === "refused" },
                );
            });
        }
    });
}

describe("runs the oracle on the features", () => {
    for (const file of readCorpus(join(__dirname, "../corpus/oracle"))) {
        const does = file.refused ? "refuses it as BuildKit does" : "builds what BuildKit builds";
        test(`${file.name}: the component ${does}`, async () => {
            const { build, remove } = layOut(file);
            try {
                await judge(build, file);
            } finally {
                remove();
            }
        });
    }
});
