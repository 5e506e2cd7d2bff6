import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import { readIgnoreFile } from "../../../src/context/ignoreFile";
import { readTree } from "../../../src/context/tree";
import { DockerfileError, parseDockerfile } from "../../../src/dockerfile";
import { sliceContext } from "../../../src/slice/slice";
import { withBuildkit } from "./buildkit";
import { type CorpusCase, corpus } from "./corpus";
import { ignoreText, makeContext } from "./fixture";

const buildkit = withBuildkit();
const context = makeContext();
after(context.remove);
const { file } = readIgnoreFile(".dockerignore", ignoreText);
const tree = readTree(context.folder, file);

function refusal(one: CorpusCase): DockerfileError {
    try {
        sliceContext({ dockerfile: parseDockerfile(one.text), tree, options: one.given });
    } catch (error) {
        assert.ok(error instanceof DockerfileError, String(error));
        return error;
    }
    return assert.fail("we take it");
}

/** BuildKit's message, with the line that it names. */
async function theirRefusal(one: CorpusCase): Promise<{ text: string; line?: number }> {
    try {
        await buildkit.layers({ context: context.folder, dockerfile: one.text, ...one.given });
    } catch (error) {
        const text = String(Reflect.get(Object(error), "stderr"));
        const line = /^Dockerfile:(\d+)$/m.exec(text)?.[1] ?? /on line (\d+):/.exec(text)?.[1];
        return { text, line: line === undefined ? undefined : Number(line) };
    }
    return assert.fail("BuildKit takes it");
}

describe("rejects the refused cases of the corpus", { concurrency: 4 }, () => {
    for (const one of corpus("refused")) {
        test(`${one.name}: BuildKit rejects it at the same line`, async () => {
            const { failures } = refusal(one);
            const { line, text } = await theirRefusal(one);
            assert.doesNotMatch(text, /failed to resolve source metadata/);
            const ours = failures.flatMap((failure) => failure.line ?? []);
            // Of a circle BuildKit names any one instruction.
            if (line === undefined || ours.length === 0 || text.includes("circular")) return;
            assert.ok(ours.includes(line), `${line} is not in ${ours}: ${text}`);
        });
    }
});
