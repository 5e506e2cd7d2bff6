import assert from "node:assert/strict";
import { test } from "node:test";
import schema from "../../../src/languages/schema.json";

type Members = Readonly<Record<string, { readonly type?: string }>>;

/** Types of all members with a name, in the schema of the components. */
function typesOf(name: string): readonly (string | undefined)[] {
    const objects: readonly Members[] = [
        ...Object.values(schema.resources).map(({ inputProperties }) => inputProperties),
        ...Object.values(schema.types).map((type) => ("properties" in type ? type.properties : {})),
    ];
    return objects.flatMap((members) =>
        Object.entries(members).flatMap(([key, { type }]) => (key === name ? [type] : [])),
    );
}

test("lets every language set a storage quota that is not whole", () => {
    assert.deepEqual(typesOf("storageQuota"), ["number", "number", "number"]);
});

test("keeps numbers that count something whole", () => {
    assert.deepEqual(["robotDays", "cacheDays", "count", "filesMax"].flatMap(typesOf), [
        "integer",
        "integer",
        "integer",
        "integer",
        "integer",
    ]);
});
