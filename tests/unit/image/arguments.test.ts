import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { before, test } from "node:test";
import type { CachedImageArgs } from "../../../src/image/args";
import { planCachedImage } from "../../../src/image/plan";
import type { ImageRow } from "../../../src/image/row";
import { cachedImageRows } from "../../../src/image/rows";
import { root } from "../../support/lab";
import { type Declarations, known, mockPulumi } from "../../support/mocks";
import { type ArgumentCase, argumentCases, baseArgs } from "./argumentCases";

const cases = Object.entries(argumentCases) as [keyof CachedImageArgs, ArgumentCase<unknown>][];
const rows: Readonly<Record<string, ImageRow<unknown>>> = cachedImageRows;
let declared: Declarations;
let Component: typeof import("../../../src/index").CachedImage;

before(async () => {
    declared = await mockPulumi({ config: { "harbor:url": "https://harbor.example.com" } });
    // The mocks must be set before the package loads Pulumi's resources.
    Component = require("../../../src/index").CachedImage;
});

type Resources = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/**
 * The inputs of a component and of its children by role, without what differs between components.
 *
 * @param roles children to wait for in addition to the app image
 */
async function declare(
    args: Partial<CachedImageArgs>,
    roles: readonly string[] = [],
): Promise<Resources> {
    const name = `c${declared.resources.length}`;
    await known(new Component(name, { ...baseArgs, ...args }).ref);
    await Promise.all(roles.map((role) => declared.wait(`${name}-${role}`)));
    const own = declared.resources.filter((one) => new RegExp(`^${name}(-|$)`).test(one.name));
    const text = JSON.stringify(own.map(({ name, inputs }) => [name, inputs]))
        .replaceAll(relative("", baseArgs.context), "CONTEXT")
        .replaceAll(relative("", argumentCases.context.value), "OTHER")
        .replace(/context-[0-9a-f]{10}/g, "context")
        // A digest of inputs with the component's name.
        .replace(/"arguments":"sha256:[0-9a-f]{64}"/g, '"arguments":""')
        .replace(new RegExp(`\\b${name}(-|\\b)`, "g"), "");
    return Object.fromEntries(JSON.parse(text));
}

function difference(old: Resources, now: Resources): Record<string, unknown> {
    const { "": _, ...roles } = { ...old, ...now };
    const all = Object.keys(roles).map((role) => [role, changedInputs(old[role], now[role])]);
    return Object.fromEntries(all.filter(([, change]) => change?.length));
}

function changedInputs(old?: Record<string, unknown>, now?: Record<string, unknown>) {
    if (old === undefined || now === undefined) {
        return old === undefined ? "added" : "removed";
    }
    const names = Object.keys({ ...old, ...now }).sort();
    return names.filter((name) => JSON.stringify(old[name]) !== JSON.stringify(now[name]));
}

function plan(args: Partial<CachedImageArgs>) {
    const decision = planCachedImage(
        "fm",
        { ...baseArgs, tagByContent: true, ...args },
        {
            stack: "dev",
            configUrl: "https://harbor.example.com",
            environmentUrl: undefined,
            explicitProvider: false,
        },
    );
    assert.ok("plan" in decision, JSON.stringify(decision));
    const [build] = decision.plan.builds;
    return { tag: decision.plan.contentTag, slice: build?.app.slice.digest };
}

/** The faults that a JavaScript program gets, without the headline. */
function faults(args: object): readonly string[] {
    try {
        new Component("bad", { ...baseArgs, ...args });
    } catch (error) {
        return String(error).split("\n  ").slice(1);
    }
    return [];
}

for (const [name, { value, with: others = {}, changes, digests = [], bad, ...rest }] of cases) {
    const given = { ...others, [name]: value };

    test(`${name} changes the reviewed inputs and nothing else`, async () => {
        const added = Object.keys(changes).filter((role) => changes[role] === "added");
        const [old, now] = [await declare(others), await declare(given, added)];
        assert.deepEqual(difference(old, now), changes);
        const shown = "shown" in rest ? rest.shown : value;
        assert.deepEqual(now[""]?.[name], shown);
    });

    test(`${name} changes these digests: ${digests.join(", ") || "none"}`, () => {
        const [old, now] = [plan(others), plan(given)];
        const changed = (["slice", "tag"] as const).filter((one) => old[one] !== now[one]);
        assert.deepEqual(changed, digests);
    });

    test(`has the proof of ${name} in ${rest.proof}`, () => {
        const text = readFileSync(join(root, "tests", rest.proof), "utf8");
        assert.match(text, new RegExp(`\\b${name}\\b`));
    });

    test(`${name} rejects a value of another type, and unusable values`, () => {
        const row = rows[name];
        const hint = row?.shape.example ? `, for example ${row.shape.example}` : "";
        assert.deepEqual(faults({ ...others, [name]: () => 0 }), [
            `${name}: a function. Expected ${row?.shape.expected}${hint}.`,
        ]);
        const isChecked = row?.check !== undefined || row?.shape.values !== undefined;
        assert.equal(bad !== undefined, isChecked, "a checked argument has a bad case");
        if (bad !== undefined) {
            assert.deepEqual(faults(bad[0]), [bad[1]]);
        }
    });
}
