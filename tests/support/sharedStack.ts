import { before } from "node:test";
import type { Lab } from "./lab";
import { succeeded } from "./run";
import { type StackOptions, TestStack } from "./stack";

/** Options of a shared stack. */
interface SharedStackOptions extends StackOptions {
    /** Whether to deploy the stack before the first test. @default false */
    readonly up?: boolean;
}

/** A stack that the tests of a file share, created before the first test. */
export function sharedStack(
    lab: Lab,
    program: string,
    options: SharedStackOptions = {},
): TestStack {
    const stack = TestStack.prepare(lab, program, options);
    before(async () => {
        await stack.init();
        if (options.up) {
            succeeded(await stack.up());
        }
    });
    return stack;
}
