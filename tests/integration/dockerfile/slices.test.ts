import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import { readIgnoreFile } from "../../../src/context/ignoreFile";
import { readTree } from "../../../src/context/tree";
import { parseDockerfile } from "../../../src/dockerfile";
import { escapePath } from "../../../src/slice/allowList";
import { filesOf } from "../../../src/slice/digest";
import { sliceContext } from "../../../src/slice/slice";
import { type BuildRequest, withBuildkit } from "./buildkit";
import { type CorpusCase, corpus } from "./corpus";
import { ignoreText, makeContext } from "./fixture";

const buildkit = withBuildkit();
const context = makeContext();
after(context.remove);
const tree = readTree(context.folder, readIgnoreFile(".dockerignore", ignoreText).file);

/** Cases that build without a network and without an image that can run something. */
const buildable = ({ text }: CorpusCase) => !/\b(?:RUN|run|https?:|git@|busybox)/.test(text);

function requests(one: CorpusCase) {
    const slice = sliceContext({
        dockerfile: parseDockerfile(one.text),
        tree,
        options: one.given,
    });
    const images = slice.reads.stages.flatMap(({ stage }) =>
        [stage.base, ...stage.edges.map(({ source }) => source)].flatMap((source) =>
            source.kind === "image" ? [source.reference] : [],
        ),
    );
    const { target, ...given } = one.given;
    const common = { context: context.folder, emptyImages: images };
    const whole: BuildRequest = { ...common, ...given, target, dockerfile: one.text };
    const sliced: BuildRequest = {
        ...common,
        ...given,
        dockerfile: slice.dockerfile.text,
        ignore: slice.ignore,
    };
    return { slice, whole, sliced };
}

async function layersOrRefusal(request: BuildRequest): Promise<string> {
    return buildkit.layers(request).then(
        (layers) => layers.join("\n"),
        (error: unknown) => `refused: ${String(Reflect.get(Object(error), "stderr")).slice(-80)}`,
    );
}

for (const folder of ["stages", "reads", "variables", "syntax"]) {
    describe(`builds slices of the ${folder}`, { concurrency: 4 }, () => {
        for (const one of corpus(folder).filter(buildable)) {
            test(`${one.name}: the slice produces the layers of the whole`, async () => {
                const { whole, sliced } = requests(one);
                assert.deepEqual(await buildkit.layers(sliced), await buildkit.layers(whole));
            });
        }
    });
}

describe("needs every file of a slice", { concurrency: 4 }, () => {
    for (const one of corpus("reads").filter(buildable)) {
        test(`${one.name}: without any one file of the slice the layers differ`, async () => {
            const { slice, sliced } = requests(one);
            const full = await layersOrRefusal(sliced);
            for (const { path } of filesOf(slice.selection)) {
                const line = escapePath(path, { negated: false });
                const less = { ...sliced, ignore: `${slice.ignore}${line}\n` };
                assert.notEqual(await layersOrRefusal(less), full, `${path} is not read`);
            }
        });
    }
});
