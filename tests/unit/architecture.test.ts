import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { before, describe, test } from "node:test";

const root = join(__dirname, "..", "..");

/** The rooms of `src`, and the rooms that each of them may import. The rest is forbidden. */
const arrows: Readonly<Record<string, readonly string[]>> = {
    text: [],
    buildkit: ["text"],
    report: ["buildkit", "mounts", "text"],
    oci: [],
    signing: ["text"],
    http: ["text"],
    engine: [],
    arguments: ["text"],
    dockerfile: ["oci", "text"],
    cache: ["oci", "text"],
    mounts: ["cache"],
    policy: ["cache"],
    context: ["dockerfile", "text"],
    harbor: ["http", "text"],
    registry: ["http", "oci", "cache", "mounts", "signing", "text"],
    bases: ["dockerfile", "oci", "registry"],
    slice: ["dockerfile", "context", "bases", "mounts", "text"],
    explain: ["harbor", "http", "registry", "text"],
    access: ["arguments", "cache", "engine", "harbor", "hooks", "oci"],
    hooks: [
        ..."buildkit cache engine explain harbor http mounts registry report signing text".split(
            " ",
        ),
    ],
    project: ["access", "arguments", "cache", "harbor", "hooks", "policy"],
    image: [
        ..."access arguments bases cache context dockerfile engine harbor hooks".split(" "),
        ..."mounts oci registry signing slice text".split(" "),
    ],
    provider: ["http", "harbor", "registry", "signing", "text"],
    languages: ["arguments", "image", "project"],
    cli: ["buildkit", "explain", "harbor", "http", "oci", "provider", "registry", "text"],
};

/** Rooms that decide or ask, without Pulumi. */
const withoutPulumi =
    "text buildkit report oci signing http dockerfile context slice bases cache mounts policy harbor registry explain";

const roomsBut = (...names: string[]) => `^src/(?!(?:${names.join("|")})/)`;
const rule = (name: string, from: object, to: object) =>
    ({ name, severity: "error", from, to }) as const;

const forbidden = [
    rule("no cycles", {}, { circular: true }),
    rule(
        "published code imports only published code",
        { path: "^src/" },
        { path: "^(?!src/|node_modules/|sdks/)", dependencyTypesNot: ["core"] },
    ),
    ...Object.entries(arrows).map(([room, targets]) =>
        rule(
            `${room} imports only: ${targets.join(", ")}`,
            { path: `^src/${room}/` },
            { path: roomsBut(room, ...targets) },
        ),
    ),
    rule(
        "pure rooms and clients do not know Pulumi",
        { path: `^src/(?:${withoutPulumi.split(" ").join("|")})/` },
        { path: "@pulumi/|^sdks/" },
    ),
    rule(
        "the provider's part of Harbor's API imports no resource",
        { path: "^src/provider/harbor/" },
        { path: "^src/provider/(?!harbor/)|@pulumi/" },
    ),
    rule(
        "the checks, the retries and the record of a run do not import each other",
        { path: "^src/hooks/(checks|retry|record)/" },
        { path: "^src/hooks/(?:checks|retry|record)/", pathNot: "^src/hooks/$1/" },
    ),
    // A server and the client that tests it must not share a mistake.
    rule(
        "the sandbox imports nothing published",
        { path: "^tools/sandbox/" },
        { path: "^src/|^tools/(?:commands|bench)/" },
    ),
    rule(
        "the toolchain imports only itself",
        { path: "^tools/toolchain/" },
        { path: "^src/|^tools/(?!toolchain/)" },
    ),
];

/** What dependency-cruiser finds in our sources. */
async function inspect() {
    const { cruise } = await import("dependency-cruiser");
    const options = {
        baseDir: root,
        // Types count too: a cycle of types is a cycle for the reader.
        tsPreCompilationDeps: true,
        doNotFollow: { path: ["node_modules", "^sdks/"] },
        validate: true,
        ruleSet: { forbidden },
    };
    const { output } = await cruise(["src", "tools"], options);
    if (typeof output === "string") throw new Error(output);
    return output;
}

describe("the architecture", () => {
    let result: Awaited<ReturnType<typeof inspect>>;

    before(async () => {
        result = await inspect();
    });

    const violationsOf = (name: string) =>
        result.summary.violations
            .filter((violation) => violation.rule.name === name)
            .map(({ from, to }) => `${from} → ${to}`);

    test("has a row of arrows for each room of src, and no other", () => {
        const rooms = readdirSync(join(root, "src"), { withFileTypes: true })
            .filter((entry) => entry.isDirectory())
            .map(({ name }) => name);
        assert.deepEqual(Object.keys(arrows).sort(), rooms.sort());
    });

    test("names no arrow that the code does not use", () => {
        const used = new Set(
            result.modules.flatMap(({ source, dependencies }) =>
                dependencies.map(
                    ({ resolved }) => `${source.split("/")[1]} → ${resolved.split("/")[1]}`,
                ),
            ),
        );
        const unused = Object.entries(arrows).flatMap(([room, targets]) =>
            targets.map((target) => `${room} → ${target}`).filter((arrow) => !used.has(arrow)),
        );
        assert.deepEqual(unused, []);
    });

    for (const { name } of forbidden) {
        test(name, () => {
            assert.deepEqual(violationsOf(name), []);
        });
    }
});
