import assert from "node:assert/strict";
import { after, afterEach, before, describe, test } from "node:test";
import * as pulumi from "@pulumi/pulumi";
import { shapeOf } from "../../../src/arguments/row";
import type { Shape } from "../../../src/arguments/shape";
import { cachedImageRows } from "../../../src/image/rows";
import { imageProjectRows } from "../../../src/project/rows";
import { configuration, readConfiguration } from "../../../src/provider/configuration";
import { functions } from "../../../src/provider/functions";
import type { Properties, PropertyType } from "../../../src/provider/property";
import { resources } from "../../../src/provider/resources";
import { assertGolden } from "../../support/golden";
import { root } from "../../support/lab";
import { type Declarations, mockPulumi } from "../../support/mocks";
import { PluginClient } from "../../support/pluginClient";
import { temporaryFolder } from "../toolchain/temporary";
import { type BadValues, folder, image, project } from "./componentCases";
import { type Leaf, leavesOfProperties, leavesOfShape, messagePath, withLeaf } from "./leaves";
import { type ObservedServer, observe } from "./observedServer";
import { cacheRefusals, dockerfileRefusals, type Refused, sandboxRefusals } from "./otherInputs";
import {
    configurationCase,
    environmentCases,
    type ResourceCase,
    resourceCases,
} from "./resourceCases";

/** A refused input, and the messages that name it. */
interface Refusal {
    readonly given: string;
    readonly messages: readonly string[];
}

const refusals: Record<string, Refusal[]> = {};
const problems: string[] = [];
const temporary = temporaryFolder();
const outputValue = pulumi.output("x");

/** Records a refused value, with the messages that begin with its path. */
function refuse(subject: string, path: string, value: unknown, messages: readonly string[]): void {
    const own = messages.filter((message) => message.startsWith(`${path}:`));
    record(subject, `${path} = ${text(value)}`, own);
    if (own.length === 0) problems.push(`instead: ${messages.join("; ")}`);
}

function record(subject: string, given: string, messages: readonly string[]): void {
    const isUgly = messages.some((message) => /^\s*at .*:\d+|\[object Object\]/m.test(message));
    if (messages.length === 0 || isUgly) {
        problems.push(`${subject}: ${given}: ${messages.join("; ")}`);
    }
    refusals[subject] = [...(refusals[subject] ?? []), { given, messages }];
}

afterEach(() => {
    const found = problems.splice(0);
    assert.deepEqual(found, []);
});

/** A value as one line of JSON. */
function text(value: unknown): string {
    const special = (_: string, one: unknown) => {
        if (typeof one === "function") return "<function>";
        if (pulumi.Output.isInstance(one)) return "<output>";
        return typeof one === "number" && !Number.isFinite(one) ? String(one) : one;
    };
    return portable(String(JSON.stringify(value, special)));
}

/** A text without what differs between machines, and without long runs of one letter. */
function portable(value: string): string {
    return value
        .replaceAll(folder, "FOLDER")
        .replaceAll(root, "CLONE")
        .replaceAll(temporary, "TEMPORARY")
        .replace(/x{100,}/g, (run) => `x*${run.length}`);
}

describe("components", () => {
    let declared: Declarations;
    let components: typeof import("../../../src/index");

    before(async () => {
        declared = await mockPulumi({ config: { "harbor:url": "https://harbor.example.com" } });
        // The mocks must be set before the package loads Pulumi's resources.
        components = require("../../../src/index");
    });

    for (const name of ["CachedImage", "ImageProject"] as const) {
        const rows = name === "CachedImage" ? cachedImageRows : imageProjectRows;
        const { base, siblings, values, together } = name === "CachedImage" ? image : project;
        const leaves = leavesOfShape(shapeOf<object>(rows));

        const messages = (args: object, logicalName = "bad"): readonly string[] => {
            // The arguments are wrong on purpose.
            const Component = components[name] as new (name: string, args: object) => unknown;
            try {
                new Component(logicalName, args);
            } catch (error) {
                assert.equal(Object(error).name, "UserError", String(error));
                return String(error).split("\n  ").slice(1);
            }
            return [];
        };

        test(`${name} accepts the base of the cases`, () => {
            assert.deepEqual(messages(base, "fine"), []);
        });

        test(`${name} rejects values of another type at every leaf`, () => {
            for (const leaf of leaves) {
                for (const value of wrongTypes(leaf)) {
                    const args = withLeaf(base, leaf.path, value);
                    refuse(name, messagePath(leaf.path), value, messages(Object(args)));
                }
            }
        });

        test(`${name} rejects unusable values of every leaf`, () => {
            const free = leaves.filter(({ type }) => type.expected !== "true or false");
            const checked = free.filter(({ type }) => type.values === undefined);
            assert.deepEqual(Object.keys(values).sort(), checked.map(({ path }) => path).sort());
            for (const [path, value] of valuesOf(values)) {
                const owner = Object.keys(siblings).find((one) => path.startsWith(`${one}.`));
                const args = withLeaf({ ...base, ...siblings[owner ?? ""] }, path, value);
                refuse(name, messagePath(path), value, messages(Object(args)));
            }
        });

        test(`${name} rejects arguments that are unusable together`, () => {
            for (const [path, args] of together) {
                refuse(name, path, args, messages({ ...base, ...args }));
            }
        });

        test(`${name} declares no child for unusable arguments`, async () => {
            await declared.wait("fine");
            const children = declared.resources.filter((one) => one.name.startsWith("bad-"));
            assert.deepEqual(children, []);
        });
    }
});

function wrongTypes({ path, type, isRequired }: Leaf<Shape>): readonly unknown[] {
    const isItem = /[\]}]$/.test(path);
    return [
        type.expected === "a function" ? {} : () => 0,
        null,
        ...(type.isInput ? [] : [outputValue]),
        ...(isRequired || isItem ? [undefined] : []),
        ...(type.values === undefined ? [] : ["", "Nnoe"]),
    ];
}

function* valuesOf(values: BadValues): Generator<readonly [path: string, value: unknown]> {
    for (const [path, all] of Object.entries(values)) {
        for (const value of Array.isArray(all) ? all : []) {
            yield [path, value];
        }
    }
}

describe("provider", () => {
    let server: ObservedServer;
    let plugin: PluginClient;

    before(async () => {
        server = await observe();
        plugin = await PluginClient.start({});
        await plugin.configure({ url: server.url, username: "admin", password: "x" });
    });
    after(async () => {
        plugin?.close();
        await server?.close();
    });

    test("has a case for every resource", () => {
        const names = resources.map(({ token }) => token.replace(/^.*\/(\w+):.*$/, "$1"));
        assert.deepEqual(Object.keys(resourceCases).sort(), names.sort());
    });

    for (const { token, properties, check } of resources) {
        const name = token.replace(/^.*:/, "");
        const one = resourceCases[token.replace(/^.*\/(\w+):.*$/, "$1")];

        test(`${name} rejects unusable inputs, without a request to Harbor`, async () => {
            assert.ok(one !== undefined);
            const failures = async (inputs: object) =>
                lines((await plugin.check(token, { ...inputs })).failures);
            await rejectsAll(name, properties, one, failures);
            const isComplete = check === undefined || one.together !== undefined;
            assert.ok(isComplete, "a check of several inputs has a case");
            assert.deepEqual(server.requests, []);
        });
    }

    for (const { token, inputs } of functions) {
        const name = token.replace(/^.*:/, "");
        test(`${name} rejects values of another type, without a request to Harbor`, async () => {
            for (const leaf of leavesOfProperties(inputs)) {
                const value = wrongValue(leaf.type);
                const given = Object(withLeaf({}, leaf.path, value));
                const { failures } = await plugin.invoke(token, given);
                refuse(name, messagePath(leaf.path), value, lines(failures));
            }
            assert.deepEqual(server.requests, []);
        });
    }

    test("rejects an unusable configuration", async () => {
        const failures = async (given: object) => lines(await plugin.checkConfig({ ...given }));
        await rejectsAll("configuration", configuration, configurationCase, failures);
    });

    test("rejects an unusable environment", () => {
        for (const [property, env] of environmentCases) {
            const { failures } = readConfiguration({}, env);
            const all = failures.map((failure) => `${failure.property}: ${failure.reason}`);
            refuse("environment", property, env, all);
        }
    });
});

function lines(failures: Readonly<Record<string, string>>): readonly string[] {
    // A failure of a secret names the property in its reason only.
    return Object.entries(failures).map(([property, reason]) =>
        property === "" ? reason : `${property}: ${reason}`,
    );
}

async function rejectsAll(
    name: string,
    properties: Properties,
    { base, values = {}, together = [] }: ResourceCase,
    failures: (inputs: object) => Promise<readonly string[]>,
): Promise<void> {
    assert.deepEqual(await failures(base), [], "accepts the base of the cases");
    for (const { path, type, isRequired } of leavesOfProperties(properties)) {
        const value = wrongValue(type);
        refuse(name, messagePath(path), value, await failures(Object(withLeaf(base, path, value))));
        if (isRequired) {
            const without = Object(withLeaf(base, path, undefined));
            refuse(name, messagePath(path), undefined, await failures(without));
        }
    }
    for (const [path, all] of Object.entries(values)) {
        for (const value of all) {
            const given = Object(withLeaf(base, path, value));
            refuse(name, messagePath(path), value, await failures(given));
        }
    }
    for (const [path, inputs] of together) {
        refuse(name, path, inputs, await failures(inputs));
    }
}

/** A value of another type. Texts for numbers and numbers for texts are converted. */
function wrongValue(type: PropertyType): unknown {
    return type === "string" ? { a: 1 } : "x";
}

test("rejects the refused Dockerfiles of the corpus", () => {
    refuseAll("Dockerfile", dockerfileRefusals());
});

test("rejects folders that cannot hold the toolchain's cache", async () => {
    refuseAll("HARBOR_BUILD_CACHE", await cacheRefusals(temporary));
});

test("the sandbox rejects requests in Harbor's form", async () => {
    refuseAll("sandbox", await sandboxRefusals());
});

function refuseAll(subject: string, all: readonly Refused[]): void {
    assert.notDeepEqual(all, []);
    for (const [given, messages] of all) {
        record(subject, given, messages);
    }
}

/** A message below its input; line breaks within the message stay visible. */
function indented(message: string): string {
    return `    ${JSON.stringify(portable(message)).slice(1, -1).replaceAll('\\"', '"')}`;
}

after(() => {
    const all = Object.values(refusals).flat();
    assert.ok(all.length >= 250, `${all.length} cases`);
    const sections = Object.entries(refusals).map(([subject, cases]) =>
        [
            `# ${subject}: ${cases.length}`,
            ...cases.map(({ given, messages }) =>
                [portable(given), ...messages.map(indented)].join("\n"),
            ),
        ].join("\n"),
    );
    assertGolden("badInputs.txt", `${sections.join("\n\n")}\n`);
});
