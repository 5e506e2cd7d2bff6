import assert from "node:assert/strict";
import { describe, test } from "node:test";
import schema from "../../../src/provider/schema.json";
import bridged from "../../golden/bridged-schema.json";

// tests/golden/bridged-schema.json is the schema of the bridged provider (Terraform provider v3.12.4
// through Pulumi's bridge), as `type`, with an exclamation mark where it is required.

interface Spec {
    readonly type?: string;
    readonly $ref?: string;
    readonly items?: Spec;
    readonly willReplaceOnChanges?: boolean;
}
type Specs = Readonly<Record<string, Spec>>;

interface ResourceSpec {
    readonly inputProperties: Specs;
    readonly requiredInputs: readonly string[];
    readonly properties: Specs;
    readonly required: readonly string[];
    readonly deprecationMessage?: string;
}
interface TypeSpec {
    readonly properties: Specs;
    readonly required: readonly string[];
}
interface FunctionSpec {
    readonly inputs: { readonly properties: Specs; readonly required: readonly string[] };
    readonly outputs: { readonly properties: Specs; readonly required: readonly string[] };
}

/** Resources of this provider alone. */
const ours = ["imageSignature:ImageSignature", "stamp:Stamp", "verifiedCache:VerifiedCache"].map(
    (name) => `harbor:index/${name}`,
);

/** Changes that replace here, where the bridged provider plans an update that Harbor ignores or refuses. */
const alsoReplaces: Readonly<Record<string, readonly string[]>> = {
    "harbor:index/group:Group": ["groupType", "ldapGroupDn"],
    "harbor:index/label:Label": ["projectId"],
    "harbor:index/preheatInstance:PreheatInstance": ["vendor"],
    "harbor:index/projectWebhook:ProjectWebhook": ["projectId"],
};

function typeOf(spec: Spec): string {
    if (spec.$ref) return spec.$ref.replace("#/types/", "");
    if (spec.type === "array" && spec.items) return `${typeOf(spec.items)}[]`;
    return spec.type ?? "";
}

function table(specs: Specs, required: readonly string[]): Record<string, string> {
    return Object.fromEntries(
        Object.entries(specs).map(([key, spec]) => [
            key,
            `${typeOf(spec)}${required.includes(key) ? "!" : ""}`,
        ]),
    );
}

describe("as a drop-in for the bridged provider", () => {
    const resources = schema.resources as unknown as Record<string, ResourceSpec>; // JSON of our own schema
    const types = schema.types as unknown as Record<string, TypeSpec>;
    const functions = schema.functions as unknown as Record<string, FunctionSpec>;

    test("has the bridged provider's configuration, and requires nothing more", () => {
        const config = schema.provider.inputProperties as unknown as Specs;
        assert.deepEqual(table(config, []), bridged.config);
    });

    test("has every resource of the bridged provider, and those listed here", () => {
        const all = [...Object.keys(bridged.resources), ...ours];
        assert.deepEqual(Object.keys(resources).sort(), all.sort());
    });

    test("deprecates what the bridged provider deprecates, with what to use instead", () => {
        const deprecated = Object.entries(resources).flatMap(([token, { deprecationMessage }]) =>
            deprecationMessage === undefined ? [] : [[token, deprecationMessage]],
        );
        assert.deepEqual(deprecated, [
            [
                "harbor:index/tasks:Tasks",
                "Use harbor.InterrogationServices, which is the same schedule.",
            ],
        ]);
    });

    for (const [token, before] of Object.entries(bridged.resources)) {
        const now = resources[token];
        if (!now) continue;
        test(`${token} has the same inputs, outputs and types`, () => {
            assert.deepEqual(table(now.inputProperties, now.requiredInputs), before.inputs);
            assert.deepEqual(table(now.properties, now.required), before.outputs);
        });
        test(`${token} is replaced by the same changes`, () => {
            const replaces = Object.entries(now.inputProperties)
                .filter(([, spec]) => spec.willReplaceOnChanges)
                .map(([key]) => key);
            const expected = [...before.replaces, ...(alsoReplaces[token] ?? [])];
            assert.deepEqual(replaces.sort(), expected.sort());
        });
    }

    test("has every function of the bridged provider, and one more", () => {
        const all = [...Object.keys(bridged.functions), "harbor:index/getArtifact:getArtifact"];
        assert.deepEqual(Object.keys(functions).sort(), all.sort());
    });

    for (const [token, before] of Object.entries(bridged.functions)) {
        test(`${token} has the same inputs and outputs`, () => {
            const now = functions[token];
            assert.ok(now);
            assert.deepEqual(table(now.inputs.properties, now.inputs.required), before.inputs);
            assert.deepEqual(table(now.outputs.properties, now.outputs.required), before.outputs);
        });
    }

    for (const [token, before] of Object.entries(bridged.types)) {
        test(`${token} has the same members`, () => {
            const now = types[token];
            assert.ok(now);
            // What functions find is always whole here; the bridged provider promises no member of it.
            const required = /\/get[A-Z]/.test(token) ? [] : now.required;
            assert.deepEqual(table(now.properties, required), before);
        });
    }
});
