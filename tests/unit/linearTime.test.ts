import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { encode, Message } from "../../src/buildkit/message";
import { compileGlob } from "../../src/context/glob";
import { compilePattern } from "../../src/context/pattern";
import { parseDockerfile } from "../../src/dockerfile";
import { expand } from "../../src/dockerfile/expand";
import { findFailedInstruction } from "../../src/dockerfile/failedInstruction";
import { classifyBuildFault } from "../../src/explain/classify";
import { answerFault } from "../../src/http/fault";
import { attach, savesIn } from "../../src/mounts/records";
import { parseChallenge } from "../../src/registry/challenge";
import { nearest } from "../../src/text/nearest";
import { secretHider } from "../../src/text/secretSpellings";
import { assertGolden } from "../support/golden";
import { root } from "../support/lab";
import { expressionsFile, regularExpressions, slowness } from "../support/regularExpressions";

/** Longest time for one input, in milliseconds of the processor; most take a fiftieth. */
const limitMs = 500;

interface Case {
    /** Repetitions of the largest input. @default 50_000 */
    readonly max?: number;
    /** Reads an input of this size. */
    readonly run: (size: number) => unknown;
}

function timeOf(run: (size: number) => unknown, size: number): number {
    const started = process.cpuUsage();
    try {
        run(size);
    } catch (error) {
        // A refusal is an answer; a full stack is none.
        assert.notEqual((error as Error).name, "RangeError");
    }
    return process.cpuUsage(started).user / 1000;
}

/** Grows an input slowly, so that a test of exponential time ends too. */
function assertLinear({ run, max = 50_000 }: Case): void {
    for (let size = 8; size <= max; size = Math.ceil(size * 1.1)) {
        const tookMs = timeOf(run, size);
        assert.ok(tookMs < limitMs, `${tookMs.toFixed(0)} ms for size ${size}`);
    }
    // The best of three: the garbage collector counts too.
    const bestOf = (size: number) => Math.min(...[1, 2, 3].map(() => timeOf(run, size)));
    const [quarter, whole] = [bestOf(max / 4), bestOf(max)];
    const isNoise = whole < limitMs / 5;
    assert.ok(isNoise || whole / quarter < 10, `${whole} ms after ${quarter} ms for a quarter`);
}

const matches = (pattern: string, path: string) => {
    const test = compilePattern(pattern);
    assert.ok(typeof test === "function", pattern);
    return test(path);
};
const value = (text: string) => (word: string) => expand(word, () => text, "\\");
const dockerfile = (line: string) => parseDockerfile(`FROM scratch\n${line}\n`);
const page = (body: string) =>
    answerFault(
        { method: "GET", url: new URL("http://registry.test"), headers: {} },
        { status: 500, headers: {}, body },
    );
const failed = (line: string, error: string) => findFailedInstruction(dockerfile(line), error);

const cases: Readonly<Record<string, Case["run"] | Case>> = {
    "an ignore pattern with many wildcards": (size) =>
        matches(`${"*a".repeat(25)}b`, `b${"a".repeat(size)}`),
    "an ignore pattern with many **": (size) =>
        matches(`${"**/a*".repeat(12)}/b`, `a/b${"/a".repeat(size)}`),
    "a long ignore pattern": {
        run: (size) => matches(`${"*a".repeat(size)}b`, `b${"a".repeat(100)}`),
        max: 10_000,
    },
    "a pattern of COPY": (size) => compileGlob(`${"*a".repeat(25)}b`)?.("a".repeat(size)),
    "a prefix of a variable": (size) => value("a".repeat(size))(`\${X#${"*a".repeat(20)}b}`),
    "a suffix of a variable": (size) => value("a".repeat(size))(`\${X%%b${"a*".repeat(20)}}`),
    "a replacement in a variable": (size) => value("a".repeat(size))(`\${X/${"*a".repeat(20)}b/c}`),
    "all replacements in a variable": (size) =>
        value("a".repeat(size))(`\${X//a${"a*a".repeat(10)}b/c}`),
    "many substitutions": (size) => value("a")(`\${X:-b}`.repeat(size)),
    "nested substitutions": (size) => value("")(`${`\${X:-`.repeat(size)}${"}".repeat(size)}`),
    "a replacement that grows": (size) => {
        const text = "a".repeat(size);
        return expand(`\${X//a/$X}`, () => text, "\\");
    },
    "a path of many variables": (size) =>
        failed(
            `COPY ${"$A/a".repeat(25)} /x`,
            `failed to calculate checksum of ref r: "/${"a/".repeat(size)}b": not found`,
        ),
    "braces without an end": (size) =>
        failed(
            `COPY ${"${".repeat(size)} /x`,
            'failed to calculate checksum of ref r: "/a": not found',
        ),
    "a page of open tags": (size) => page("<".repeat(size)),
    "a page of open styles": (size) => page("<style<".repeat(size)),
    "a page of blanks": (size) => page(`${" ".repeat(size)}x`.repeat(3)),
    "blanks in an instruction": (size) => dockerfile(`RUN a${" ".repeat(size)}b`),
    "tabs before the end of a line": (size) => dockerfile(`RUN a${"\t".repeat(size)}b \\\n c`),
    "carriage returns in a line": (size) => dockerfile(`RUN a${"\r".repeat(size)}b`),
    "blanks in a directive": (size) => parseDockerfile(`# check=a${" ".repeat(size)}b\nFROM a`),
    "an escape directive of blanks": (size) =>
        parseDockerfile(`#escape${" ".repeat(size)}x\nFROM a`),
    "a duration": (size) => dockerfile(`HEALTHCHECK --interval=-${"0m00".repeat(size)}1s CMD x`),
    "a duration of dots": (size) => dockerfile(`HEALTHCHECK --interval=${".".repeat(size)} CMD x`),
    "a size": (size) => dockerfile(`RUN --mount=type=tmpfs,target=/x,size=${"0".repeat(size)}x y`),
    "an address": (size) => dockerfile(`ADD a@b:${"?".repeat(size)}${"#".repeat(size)} /x`),
    "a here-document": (size) => dockerfile(`COPY <<-"${"\t".repeat(size)}<" /x`),
    "words in quotes": (size) => dockerfile(`ENV ${'A="b c" '.repeat(size)}`),
    "messages of a failed pipe": (size) =>
        classifyBuildFault("failed to copy to tar: ".repeat(size)),
    "messages of a failed token": (size) =>
        classifyBuildFault("failed to fetch oauth token: ".repeat(size)),
    "messages of a missing base": (size) =>
        classifyBuildFault("failed to resolve source metadata for f: ".repeat(size)),
    "empty lines in a message": (size) => classifyBuildFault(`${"\n\r".repeat(size)}x`),
    "an address in a message": (size) =>
        classifyBuildFault(`connection refused ${'Get "x'.repeat(size)}`),
    "a save with many links": (size) => {
        const links = (link: number) =>
            Array.from({ length: size }, () => ({ link, selector: "x" }));
        const step = (...inputs: { link: number; selector: string }[][]) => {
            return { digest: "", inputs, layers: [{ layer: 0, createdAt: "" }], chains: [] };
        };
        const records = [step(links(1)), step([], links(2)), step()];
        return savesIn({ layers: [{ blob: "", parent: -1 }], records });
    },
    "saves that share a step with many links": (size) => {
        const links = Array.from({ length: size }, () => ({ link: 0, selector: "x" }));
        const step = (...inputs: { link: number; selector: string }[][]) => {
            return { digest: "", inputs, layers: [{ layer: 0, createdAt: "" }], chains: [] };
        };
        const saves = Array.from({ length: size }, () => step([{ link: 0, selector: "x" }]));
        return savesIn({ layers: [{ blob: "", parent: -1 }], records: [step(links), ...saves] });
    },
    "a stack of layers": {
        // The garbage collector would take most of the time of a larger one.
        max: 20_000,
        run: (size) => {
            const layers = Array.from({ length: size }, (_, at) => ({ blob: "", parent: at + 1 }));
            const results = Array.from({ length: size }, (_, layer) => ({
                digest: "",
                inputs: [[{ link: 0, selector: "x" }]],
                layers: [{ layer, createdAt: "" }],
                chains: [],
            }));
            const empty = { digest: "e", inputs: [], layers: [], chains: [] };
            const whole = { ...empty, inputs: [[{ link: 1, selector: "x" }]] };
            const links = [1, 2].map((link) => [{ link, selector: "x" }]);
            const packed = { ...empty, inputs: links };
            return savesIn({ layers, records: [packed, empty, whole, ...results] });
        },
    },
    "records that restore one save": (size) => {
        const record = { digest: "r", inputs: [], layers: [], chains: [] };
        const layers = Array.from({ length: size }, () => ({ blob: "x", parent: 0 }));
        const save = { record: "r", blob: "y", createdAt: "" };
        return attach({ layers, records: Array(size).fill(record) }, [save], ["r"]);
    },
    "a repeated field of BuildKit's": (size) =>
        new Message(Buffer.concat(Array(size).fill(encode({ 1: "a" })))),
    "a challenge": (size) => parseChallenge(`Bearer ${"a".repeat(size)}`),
    "a mistyped word": (size) => nearest("a".repeat(size), ["b".repeat(10)]),
    "a text without secrets": (size) => secretHider(["aaaaaaaab"])("a".repeat(size)),
};

describe("linear time is enough for", () => {
    for (const [name, given] of Object.entries(cases)) {
        test(name, () => assertLinear(typeof given === "function" ? { run: given } : given));
    }
});

describe("regular expressions", () => {
    const { literals, makers } = regularExpressions();

    test("take linear time", () => {
        const file = join(root, "tests", "golden", expressionsFile);
        const checked = new Set(readFileSync(file, "utf8").split("\n"));
        // The detector takes up to seven seconds for one; tests/long checks all of them again.
        const slow = literals
            .filter((one) => !checked.has(one))
            .flatMap((one) => slowness(one) ?? []);
        assert.deepEqual(slow, []);
        // Removed expressions may stay in the file.
        if (process.env["UPDATE_GOLDEN"] === "1") {
            assertGolden(expressionsFile, `${literals.join("\n")}\n`);
        }
    });

    test("are made from texts only where these are constants or one character class", () => {
        assert.deepEqual(makers, ["context/pattern.ts", "provider/ids.ts", "slice/toolHint.ts"]);
    });
});
