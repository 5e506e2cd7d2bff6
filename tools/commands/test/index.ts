import { rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import { givenRelease } from "../../toolchain/pieces/engine";
import { ensureTools } from "../../toolchain/tools";
import { buildPackage } from "../build";
import { runChild } from "../child";
import { engineTools } from "../engine";
import { freshnessChecks } from "../generate";
import { Problem } from "../problem";
import { type Check, programCheck, runCheck } from "./check";
import { type Lab, openLab } from "./lab";
import { runInLanes, runTests, type TestGroup } from "./nodeTest";
import { add, closingLine, failureList, isGood, nothing, slowestFiles, type Tally } from "./tally";

const root = resolve(__dirname, "..", "..", "..");
const modules = join(root, "node_modules");

/** Rooms without global state and without Pulumi's mocks, which are global. */
const sharedRooms =
    "bases|buildkit|cache|cli|context|dockerfile|explain|harbor|http|mounts|oci|policy|provider|registry|report|sandbox|signing|slice|text";

/** Run at the same time: the tests of the first group mostly wait for their servers. */
const unitGroups: readonly TestGroup[] = [
    {
        files: `tests/unit/@(${sharedRooms})/**/*.test.ts`,
        concurrency: 1,
        timeoutMs: 60_000,
        isShared: true,
    },
    {
        files: ["tests/unit/*.test.ts", `tests/unit/!(${sharedRooms})/**/*.test.ts`],
        concurrency: 2,
        timeoutMs: 60_000,
    },
];

const goldenGroup: TestGroup = {
    files: "tests/golden/**/*.test.ts",
    concurrency: 2,
    timeoutMs: 60_000,
};

/** What the component builds of each Dockerfile, compared with BuildKit's own frontend. */
const oracleGroup: TestGroup = {
    files: "tests/oracle/**/*.test.ts",
    concurrency: 2,
    timeoutMs: 300_000,
};

const conformanceGroup: TestGroup = {
    files: "tests/conformance/**/*.test.ts",
    concurrency: 1,
    timeoutMs: 300_000,
};

/** Tests that need a lab. */
interface LabGroup extends TestGroup {
    /** Whether the files may run in several labs at the same time. */
    readonly isSplit: boolean;
}

const integrationGroup: LabGroup = {
    files: "tests/integration/**/*.test.ts",
    concurrency: 1,
    timeoutMs: 900_000,
    isSplit: true,
};

/** What also runs with a given Pulumi release, whose language hosts are not the toolchain's. */
const releasedPulumiFiles =
    "tests/integration/{quickstart,carriedMounts,runReport,exports,hooks,automation}.test.ts";

/** Tests that take minutes or more: soak, load, and the fuzzing of `npm test` with more cases. */
const longGroup: LabGroup = {
    files: [
        "tests/long/**/*.test.ts",
        "tests/integration/dockerfile/{fuzz,ignore}.test.ts",
        "tests/oracle/**/*.test.ts",
        "tests/unit/*/fuzz.test.ts",
        ...(givenRelease() === undefined ? [] : [releasedPulumiFiles]),
    ],
    concurrency: 1,
    timeoutMs: 3_600_000,
    environment: { HARBOR_BUILD_FUZZ_FACTOR: "40" },
    // Soak and load tests measure the machine, which must not run other tests.
    isSplit: false,
};

const sourceChecks: readonly Check[] = [
    programCheck("format and lint", join(modules, "@biomejs/biome/bin/biome"), ["ci", "."]),
    programCheck("types", join(modules, "typescript/bin/tsc"), [
        "--noEmit",
        "--allowJs",
        "-p",
        ".",
    ]),
    programCheck("nothing unused", join(modules, "knip/bin/knip.js"), []),
];

const packageChecks: readonly Check[] = [
    programCheck("package: publint", join(modules, "publint/src/cli.js"), ["--strict"]),
    programCheck("package: types resolve", join(modules, "@arethetypeswrong/cli/dist/index.js"), [
        "--pack",
        ".",
        "--profile",
        "node16",
    ]),
];

/** The parts that run separately; both need the lab. */
const parts: Readonly<Record<string, LabGroup>> = {
    integration: integrationGroup,
    long: longGroup,
};

/**
 * `npm test` runs every check, the cheapest first. `npm run test:integration` runs only the
 * integration tests, `npm run test:long` runs the tests that take too long for either. The last two
 * accept files and, with a leading `--`, arguments for the test runner.
 */
export async function test(args: readonly string[]): Promise<number> {
    const [part, ...rest] = args;
    const group = part === undefined ? undefined : parts[part];
    if (part !== undefined && group === undefined) {
        throw new Problem(
            `unknown tests "${part}"; expected one of: ${Object.keys(parts).join(", ")}`,
        );
    }
    return conclude(group === undefined ? await everything() : await inLab(group, rest));
}

/**
 * `npm run check` runs lint, types, the search for unused code, unit and golden tests without an
 * engine, BuildKit or Harbor.
 */
export async function check(): Promise<number> {
    await buildPackage();
    return conclude(await quickChecks(sourceChecks));
}

/**
 * `npm run watch` runs the unit tests, then each file again when it or a file that it imports changes,
 * until you press Ctrl-C. Accepts files and arguments for the test runner.
 */
export async function watch(args: readonly string[]): Promise<number> {
    await buildPackage();
    const hasFiles = args.some((arg) => !arg.startsWith("--"));
    return runChild(
        process.execPath,
        [
            ...["--import", "tsx", "--test", "--watch", "--test-concurrency=2"],
            ...["--test-reporter=spec", ...args],
            ...(hasFiles ? [] : ["tests/unit/**/*.test.ts"]),
        ],
        { cwd: root, stdio: "inherit" },
    );
}

function conclude(tally: Tally): number {
    process.stdout.write(`\nslowest test files\n${slowestFiles(tally, root)}\n`);
    // Last, because a log of CI may keep only its end.
    process.stdout.write(failureList(tally, root));
    console.log(closingLine(tally));
    return isGood(tally) ? 0 : 1;
}

async function everything(): Promise<Tally> {
    // First, and all at once: a check that builds a tool itself would exceed its time limit.
    await ensureTools([...engineTools, "sdkgen", "oracle"]);
    await buildPackage();
    const checks = [...sourceChecks, ...freshnessChecks(), ...packageChecks];
    let quick = await quickChecks(checks);
    for (const group of [oracleGroup, conformanceGroup]) {
        quick = add(quick, await runTests(group));
    }
    // The integration tests take minutes, and are not worth running after a failure.
    return quick.failed > 0 ? quick : add(quick, await inLab(integrationGroup, []));
}

async function quickChecks(checks: readonly Check[]): Promise<Tally> {
    let tally = nothing;
    for (const check of checks) {
        tally = add(tally, await runCheck(check));
    }
    const units = await Promise.all(unitGroups.map(runTests));
    return [...units, await runTests(goldenGroup)].reduce(add, tally);
}

/** Runs tests that need an engine, a BuildKit and a Harbor. */
async function inLab(group: LabGroup, args: readonly string[]): Promise<Tally> {
    const runnerArgs = args.filter((arg) => arg.startsWith("--"));
    const named = args.filter((arg) => !arg.startsWith("--"));
    const files = named.length > 0 ? named : group.files;
    await rm(join(root, ".harbor-build", "test", "work"), { recursive: true, force: true });
    const labs: Lab[] = [];
    try {
        for (const name of labNames(group, named)) {
            labs.push(await openLab(name));
        }
        const lanes = labs.map(({ environment }) => environment);
        return await runInLanes({ ...group, files, runnerArgs }, lanes);
    } finally {
        await Promise.all(labs.map((lab) => lab.close()));
    }
}

/**
 * Labs that run at the same time. A lab waits half of the time for its BuildKit and Harbor, so three
 * keep two cores busy.
 */
const sideBySide = ["test", "test-2", "test-3"];

/** The labs of a run: several when that saves time and the labs share nothing. */
function labNames({ isSplit }: LabGroup, named: readonly string[]): readonly string[] {
    const givenHarbor = process.env["HARBOR_URL"];
    return isSplit && named.length !== 1 && !givenHarbor ? sideBySide : ["test"];
}
