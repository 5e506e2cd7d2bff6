import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import { findReachableStages, parseDockerfile, resolveStages } from "../../../src/dockerfile";
import { findTargetReads } from "../../../src/dockerfile/targetReads";
import { withBuildkit } from "./buildkit";
import { type CorpusCase, corpus, requestOf } from "./corpus";
import { makeContext } from "./fixture";
import { factsOf, factsOfReads, unique } from "./llb";

const buildkit = withBuildkit();
const context = makeContext();
after(context.remove);

function analyse({ text, given }: CorpusCase) {
    const dockerfile = parseDockerfile(text);
    const graph = resolveStages(dockerfile, given);
    return { dockerfile, graph, reads: findTargetReads(dockerfile, graph, given) };
}

/** The built stages that have their own steps: only these appear in the LLB. */
function stagesWithSteps(one: CorpusCase): string[] {
    const { graph } = analyse(one);
    const stepped = new Set(["copy", "run"]);
    return unique(
        findReachableStages(graph).stages.flatMap((stage) =>
            stage.instructions.some(({ body }) => stepped.has(body.kind))
                ? [stage.name ?? `stage-${stage.index}`]
                : [],
        ),
    );
}

for (const folder of ["stages", "reads", "variables", "syntax"]) {
    describe(`the ${folder} of the corpus`, { concurrency: 4 }, () => {
        for (const one of corpus(folder)) {
            test(`${one.name}: BuildKit reads and builds the same`, async () => {
                const theirs = factsOf(await buildkit.llb(requestOf(one, context.folder)));
                const { stages, ...read } = theirs;
                const { stages: _, ...mine } = factsOfReads(analyse(one).reads);
                assert.deepEqual(mine, read);
                // BuildKit does not name the only stage there is.
                if (analyse(one).graph.stages.length > 1) {
                    assert.deepEqual(stagesWithSteps(one), stages);
                }
            });
        }
    });
}
