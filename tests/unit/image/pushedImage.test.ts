import assert from "node:assert/strict";
import { before, test } from "node:test";
import type { Output } from "@pulumi/pulumi";
import * as pulumi from "@pulumi/pulumi";
import { digestOf, digestOfImage, pushed, refOf } from "../../../src/image/pushedImage";

const tag = "harbor.example.com/shop/fm:1";
const digest = `sha256:${"a".repeat(64)}`;

/** An image with these outputs. */
type Image = Parameters<typeof pushed>[0];
// The functions read nothing else.
const image = (ref: string) => ({ ref: pulumi.output(ref) }) as unknown as Image;

/** Whether an output is known; the SDK's types leave this member out. */
const isKnown = (output: Output<unknown>) =>
    (output as unknown as { isKnown: Promise<boolean> }).isKnown;

const value = <T>(output: Output<T>) => new Promise<T>((resolve) => output.apply(resolve));

before(() =>
    pulumi.runtime.setMocks(
        { newResource: () => ({ id: "", state: {} }), call: () => ({}) },
        "test",
        "dev",
        true,
    ),
);

test("does not know the digest of an image that a preview would change", async () => {
    const changed = image(tag);
    const ref = refOf(changed);
    const outputs = [ref, digestOf(ref), digestOfImage(changed), pushed(changed)];
    assert.deepEqual(await Promise.all(outputs.map(isKnown)), [false, false, false, false]);
});

test("keeps the digest of an image that a preview would not change", async () => {
    const whole = image(`${tag}@${digest}`);
    assert.equal(await value(digestOf(refOf(whole))), digest);
    assert.deepEqual(await value(pushed(whole)), { ref: `${tag}@${digest}`, digest });
});
