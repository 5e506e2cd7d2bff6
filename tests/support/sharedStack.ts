import { after, before } from "node:test";
import type { Lab } from "./lab";
import { succeeded } from "./run";
import { type StackOptions, TestStack } from "./stack";

/** What a shared stack is made with. */
interface SharedStackOptions extends StackOptions {
    /** Whether it is brought up before the first test. @default not */
    readonly up?: true;
}

/** A stack that the tests of a file share: made before the first, destroyed and removed after the last. */
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
    after(async () => {
        await stack.destroy();
        await stack.remove();
    });
    return stack;
}
