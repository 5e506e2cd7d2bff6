// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the texts are parts of Dockerfiles
import assert from "node:assert/strict";
import { after, test } from "node:test";
import fc from "fast-check";
import { DockerfileError, parseDockerfile, resolveStages } from "../../../src/dockerfile";
import { findTargetReads } from "../../../src/dockerfile/targetReads";
import { fuzzing } from "../../support/fuzzing";
import { withBuildkit } from "./buildkit";
import type { CorpusCase } from "./corpus";
import { makeContext } from "./fixture";
import { factsOf, factsOfReads, type LlbFacts } from "./llb";

const buildkit = withBuildkit();
const context = makeContext();
after(context.remove);

const stageName = fc.constantFrom("a", "b", "C", "d.1");
const variable = fc.constantFrom("x", "y", "z");
const value = fc.constantFrom(
    "docs",
    "conf",
    "'$x'",
    '"$y"',
    "$z/deep",
    "${x:-cmd}",
    "${y:+no}",
    "",
    "\\$x",
);
const word = fc.constantFrom(
    ...["docs", "./conf/../cmd", "go.mod", "*.md", "d*/deep", "$x", "./${y}", "${z:-go.sum}"],
    ...["'$x'go.mod", '"con"f', "${x#d}", "${y%%/*}go.mod", "linkdir/a.md", "[g]o.mod"],
);
const flag = fc.constantFrom(
    "",
    "",
    "",
    "--chown=1:1 ",
    "--parents ",
    "--exclude=*.md ",
    "--link ",
);
const mount = fc.constantFrom(
    "type=bind,source=conf,target=/c",
    "source=$x,target=/c",
    "type=cache,id=$y,target=/c",
    "type=cache,target=/c/../d",
    "type=secret,id=s,required",
    "type=ssh",
    "from=a,source=/x,target=/c",
);
const instruction = fc.oneof(
    {
        weight: 4,
        arbitrary: fc.tuple(flag, word, word).map(([f, s, t]) => `COPY ${f}${s} ${t} /to/`),
    },
    {
        weight: 2,
        arbitrary: fc
            .oneof(stageName, fc.constantFrom("0", "0", "0", "1", "2"))
            .map((from) => `COPY --from=${from} /x /y`),
    },
    { weight: 2, arbitrary: fc.tuple(variable, value).map(([k, v]) => `ENV ${k}=${v}`) },
    { weight: 2, arbitrary: fc.tuple(variable, value).map(([k, v]) => `ARG ${k}=${v}`) },
    { weight: 1, arbitrary: variable.map((k) => `ARG ${k}`) },
    { weight: 2, arbitrary: mount.map((m) => `RUN --mount=${m} x`) },
    { weight: 1, arbitrary: word.map((s) => `ONBUILD COPY ${s} /on/`) },
    { weight: 1, arbitrary: word.map((s) => `COPY <<E ${s} \\\n # c\n /to/\nFROM no\nE`) },
);
const base = fc.oneof(
    { weight: 6, arbitrary: fc.constant("scratch") },
    { weight: 3, arbitrary: fc.constantFrom("a", "b", "c") },
    { weight: 1, arbitrary: fc.constantFrom("$x", "${y:-scratch}", "image:$z") },
);
const stage = fc
    .tuple(base, fc.option(stageName), fc.array(instruction, { maxLength: 5 }))
    .map(([from, name, body]) => [`FROM ${from}${name === null ? "" : ` AS ${name}`}`, ...body]);
const dockerfile = fc
    .tuple(
        fc.array(
            fc.tuple(variable, value).map(([k, v]) => `ARG ${k}=${v}`),
            { maxLength: 2 },
        ),
        fc.array(stage, { minLength: 1, maxLength: 4 }),
        fc.option(stageName, { nil: undefined }),
        fc.dictionary(variable, fc.constantFrom("docs", "conf/", "b"), { maxKeys: 1 }),
    )
    .map(([globals, stages, target, buildArgs]): CorpusCase => {
        const text = `${[...globals, ...stages.flat()].join("\n")}\n`;
        return { name: "fuzz", text, given: { target, buildArgs } };
    });

/**
 * Whether a number is that of no stage. BuildKit counts the images that --from names before it as
 * stages, so that it may mean one of them; we refuse all such numbers.
 */
function miscounts(text: string): boolean {
    const stages = text.match(/^FROM (?!no$)/gm)?.length ?? 0;
    return [...text.matchAll(/--from=(\d)/g)].some(([, number]) => Number(number) >= stages);
}

/** The images the Dockerfiles may name: each is empty, so that none is fetched. */
const expansions = ["docs", "conf", "cmd", "no", "docs/deep", "conf/deep", "cmd/deep", "b/deep"];
const images = [
    "a",
    "b",
    "c",
    "d.1",
    ...expansions,
    ...[...expansions, "b"].map((t) => `image:${t}`),
];

function stagesIn(text: string): { readonly base: string; readonly name?: string }[] {
    return [...text.matchAll(/^FROM (\S+)(?: AS (\S+))?$/gm)].map(([, from = "", name]) => ({
        base: from,
        name: name?.toLowerCase(),
    }));
}

/** An empty image is a named context to BuildKit, and would take the place of a stage of its name. */
function clashes(text: string): boolean {
    const stages = stagesIn(text);
    return stages.some(({ base: from }, index) => {
        const named = (name: string | undefined) => name === from;
        const before = stages.slice(0, index).some(({ name }) => named(name));
        return !before && stages.some(({ name }) => named(name));
    });
}

function ours({ text, given }: CorpusCase): LlbFacts | "refused" {
    try {
        const parsed = parseDockerfile(text);
        const graph = resolveStages(parsed, given);
        // BuildKit is given empty images, so no image sets a variable.
        const baseImages = Object.fromEntries(
            graph.stages.flatMap(({ base: from }) =>
                from.kind === "image" ? [[from.reference, { env: {}, triggers: [] }]] : [],
            ),
        );
        return factsOfReads(findTargetReads(parsed, graph, { ...given, baseImages }));
    } catch (error) {
        assert.ok(error instanceof DockerfileError, String(error));
        return "refused";
    }
}

async function theirs({ text, given }: CorpusCase): Promise<LlbFacts | "refused"> {
    const names = stagesIn(text).map(({ name }) => name);
    const emptyImages = images.filter((image) => !names.includes(image));
    try {
        const request = { context: context.folder, dockerfile: text, emptyImages, ...given };
        return factsOf(await buildkit.llb(request));
    } catch (error) {
        const message = String(Reflect.get(Object(error), "stderr"));
        assert.doesNotMatch(message, /resolve source metadata/, `BuildKit takes ${text}`);
        return "refused";
    }
}

test("parses every generated Dockerfile as BuildKit does, and finds the same reads", async (t) => {
    let taken = 0;
    await fc.assert(
        fc.asyncProperty(dockerfile, async (one) => {
            fc.pre(!miscounts(one.text) && !clashes(one.text));
            const mine = ours(one);
            if (mine !== "refused") taken++;
            const { stages: _, ...facts } = Object(await theirs(one));
            const { stages: __, ...mineFacts } = Object(mine);
            assert.deepEqual(mineFacts, facts);
        }),
        fuzzing(t, 100),
    );
    assert.ok(taken > 25, `only ${taken} of the Dockerfiles were taken by either`);
});
