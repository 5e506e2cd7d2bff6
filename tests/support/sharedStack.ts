import { before } from "node:test";
import type { Lab } from "./lab";
import { succeeded } from "./run";
import { type StackOptions, TestStack } from "./stack";

/** What a shared stack is made with. */
interface SharedStackOptions extends StackOptions {
    /** Whether it is brought up before the first test. @default not */
    readonly up?: boolean;
}

/** A stack that the tests of a file share, created before the first of them. */
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
