import { createRequire } from "node:module";

/** Loads a module that `@pulumi/pulumi` depends on. Every program has it, and has mostly loaded it. */
export function sdkModule(name: string): unknown {
    return createRequire(require.resolve("@pulumi/pulumi"))(name);
}
