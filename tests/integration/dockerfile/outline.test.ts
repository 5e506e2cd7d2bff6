import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import { isUnknown, parseDockerfile, resolveStages } from "../../../src/dockerfile";
import type { MountUse } from "../../../src/dockerfile/stageReads";
import { findTargetReads } from "../../../src/dockerfile/targetReads";
import { sliceDockerfile } from "../../../src/slice/dockerfile";
import { withBuildkit } from "./buildkit";
import { corpus, requestOf } from "./corpus";
import { makeContext } from "./fixture";
import { unique } from "./llb";
import { readTables } from "./table";

const buildkit = withBuildkit();
const context = makeContext();
after(context.remove);

/** Ids with what BuildKit prints of whether they are required; each once. */
function rows(uses: readonly MountUse[]): string[] {
    return unique(
        uses.map(({ id, required }) =>
            `${isUnknown(id) ? "?" : id} ${required ? "true" : ""}`.trim(),
        ),
    );
}

/** BuildKit 0.31.1 dies of a nil pointer when asked for the targets of a file with such a comment. */
const deadly = (text: string) => /^FROM[\s\S]*^# *check=/m.test(text);

for (const folder of ["stages", "reads", "variables", "syntax"]) {
    describe(`matches BuildKit's outline of the ${folder}`, { concurrency: 4 }, () => {
        for (const one of corpus(folder).filter(({ text }) => !deadly(text))) {
            test(`${one.name}: finds the targets, arguments and secrets that BuildKit lists`, async () => {
                const dockerfile = parseDockerfile(one.text);
                const graph = resolveStages(dockerfile, one.given);
                const request = requestOf(one, context.folder);

                const targets = readTables(await buildkit.call("frontend.targets", request));
                const names = graph.stages.map(({ name }) => name ?? "");
                const last = names.pop();
                // A last stage with a name is marked, one without is called by the mark.
                names.push(last === "" || last === undefined ? "(default)" : `${last} (default)`);
                assert.deepEqual(
                    targets.get("TARGET")?.map(([name]) => name),
                    names,
                );

                const outline = readTables(await buildkit.call("frontend.outline", request));
                const { stages } = findTargetReads(dockerfile, graph, one.given);
                const cells = (title: string) =>
                    unique(
                        (outline.get(title) ?? []).map((row) => row.slice(0, 2).join(" ").trim()),
                    );
                assert.deepEqual(rows(stages.flatMap(({ secrets }) => secrets)), cells("SECRET"));
                assert.deepEqual(rows(stages.flatMap(({ ssh }) => ssh)), cells("SSH"));

                const { args } = sliceDockerfile(dockerfile, graph);
                const used = (outline.get("BUILD ARG") ?? []).map(([name]) => name ?? "");
                assert.deepEqual(
                    used.filter((name) => !args.includes(name)),
                    [],
                );
            });
        }
    });
}
