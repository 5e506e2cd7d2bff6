import { join, resolve } from "node:path";
import { ensureTools } from "../../toolchain/tools";
import { buildPackage } from "../build";
import { engineTools } from "../engine";
import { freshnessChecks } from "../generate";
import { Problem } from "../problem";
import { type Check, programCheck, runCheck } from "./check";
import { openLab } from "./lab";
import { runTests, type TestGroup } from "./nodeTest";
import { add, closingLine, isGood, nothing, type Tally } from "./tally";

const root = resolve(__dirname, "..", "..");
const modules = join(root, "node_modules");

const quickGroups: readonly TestGroup[] = [
    { files: "tests/unit/**/*.test.ts", concurrency: 2, timeoutMs: 60_000 },
    { files: "tests/golden/**/*.test.ts", concurrency: 2, timeoutMs: 60_000 },
    { files: "tests/conformance/**/*.test.ts", concurrency: 1, timeoutMs: 300_000 },
];

const integrationGroup: TestGroup = {
    files: "tests/integration/**/*.test.ts",
    concurrency: 1,
    timeoutMs: 900_000,
};

/** Minutes and more: soak, load, and the fuzzing of `npm test` with more cases. */
const longGroup: TestGroup = {
    files: ["tests/long/**/*.test.ts", "tests/integration/dockerfile/{fuzz,ignore}.test.ts"],
    concurrency: 1,
    timeoutMs: 3_600_000,
    environment: { HARBOR_BUILD_FUZZ_FACTOR: "30" },
};

const sourceChecks: readonly Check[] = [
    programCheck("format and lint", join(modules, "@biomejs/biome/bin/biome"), ["ci", "."]),
    programCheck("types", join(modules, "typescript/bin/tsc"), [
        "--noEmit",
        "--allowJs",
        "-p",
        ".",
    ]),
];

const packageChecks: readonly Check[] = [
    programCheck("package: publint", join(modules, "publint/src/cli.js"), ["--strict"]),
    programCheck("package: types resolve", join(modules, "@arethetypeswrong/cli/dist/index.js"), [
        "--pack",
        ".",
        "--profile",
        "node16",
    ]),
    programCheck("package: nothing unused", join(modules, "knip/bin/knip.js"), []),
];

/** The parts that can be had alone; both need the lab. */
const parts: Readonly<Record<string, TestGroup>> = {
    integration: integrationGroup,
    long: longGroup,
};

/**
 * `npm test`: every check, cheapest first; `npm run test:integration` the integration tests alone,
 * `npm run test:long` what is too long for either. Arguments behind those two name files, or go to
 * the test runner when they start with `--`.
 */
export async function test(args: readonly string[]): Promise<number> {
    const [part, ...rest] = args;
    const group = part === undefined ? undefined : parts[part];
    if (part !== undefined && group === undefined) {
        throw new Problem(`no tests "${part}"; there are: ${Object.keys(parts).join(", ")}`);
    }
    const tally = group === undefined ? await everything() : await inLab(group, rest);
    console.log(closingLine(tally));
    return isGood(tally) ? 0 : 1;
}

async function everything(): Promise<Tally> {
    // First, and all at once: a check that built a tool itself would run out of its own time.
    await ensureTools([...engineTools, "sdkgen"]);
    await buildPackage();
    let tally = nothing;
    for (const check of [...sourceChecks, ...freshnessChecks(), ...packageChecks]) {
        tally = add(tally, await runCheck(check));
    }
    for (const group of quickGroups) {
        tally = add(tally, await runTests(group));
    }
    // Without its parts in order, the whole says nothing: and the minutes are better spent mending.
    return tally.failed > 0 ? tally : add(tally, await inLab(integrationGroup, []));
}

/** Runs tests that need an engine, a BuildKit and a Harbor. */
async function inLab(group: TestGroup, args: readonly string[]): Promise<Tally> {
    const runnerArgs = args.filter((arg) => arg.startsWith("--"));
    const named = args.filter((arg) => !arg.startsWith("--"));
    const files = named.length > 0 ? named : group.files;
    const lab = await openLab();
    try {
        const environment = { ...group.environment, ...lab.environment };
        return await runTests({ ...group, files, environment, runnerArgs });
    } finally {
        await lab.close();
    }
}
