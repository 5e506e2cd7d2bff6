import { resetOptions } from "@pulumi/pulumi/runtime/settings";

/** Members that the SDK's types do not show. */
const state: {
    withLocalStorage<T>(callback: () => T): T;
    setStackResource(stack: object): void;
} = require("@pulumi/pulumi/runtime/state");

/** Does what the SDK does for each component of a program in another language (provider/server.ts). */
export function construct<T>(engine: string, component: () => T, { preview = false } = {}): T {
    return state.withLocalStorage(() => {
        resetOptions("test", "dev", 1, engine, engine, preview, "");
        return component();
    });
}

/** Does what the SDK does for an inline program of the Automation API. */
export function inline<T>(engine: string, program: () => T): T {
    return construct(engine, () => {
        // Any object stands for the stack.
        state.setStackResource({});
        return program();
    });
}
