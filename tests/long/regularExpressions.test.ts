import assert from "node:assert/strict";
import { test } from "node:test";
import { regularExpressions, slowness } from "../support/regularExpressions";

test("every regular expression of src takes linear time", () => {
    const { literals } = regularExpressions();
    assert.ok(literals.length > 200);
    assert.deepEqual(
        literals.flatMap((one) => slowness(one) ?? []),
        [],
    );
});
