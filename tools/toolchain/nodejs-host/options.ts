import type { ProgramInfo } from "@pulumi/pulumi/proto/language_pb";
import { split } from "shlex";

/** Package managers that can install a program. */
export const packageManagers = ["npm", "yarn", "pnpm", "bun"] as const;
export type PackageManager = (typeof packageManagers)[number];

/** The `runtime.options` of a Pulumi.yaml. */
export interface RuntimeOptions {
    /** Whether the loader compiles TypeScript sources. @default true */
    readonly typescript: boolean;
    /** Path of the tsconfig.json to use. @default that of the program */
    readonly tsconfig: string | undefined;
    /** Arguments for Node.js itself. */
    readonly nodeArgs: readonly string[];
    /** The requested package manager. @default the one of the lock file */
    readonly packageManager: PackageManager | undefined;
}

/** Reads the options of a program. @throws Error that names the invalid option. */
export function optionsOf(info: ProgramInfo | undefined): RuntimeOptions {
    const options: Record<string, unknown> = info?.getOptions()?.toJavaScript() ?? {};
    const { typescript = true, tsconfig, nodeargs = "", packagemanager = "auto" } = options;
    if (typeof typescript !== "boolean") {
        throw new Error("typescript option must be a boolean");
    }
    if (tsconfig !== undefined && typeof tsconfig !== "string") {
        throw new Error("tsconfig option must be a string");
    }
    if (typeof nodeargs !== "string") {
        throw new Error("nodeargs option must be a string");
    }
    const packageManager = packageManagers.find((name) => name === packagemanager);
    if (packageManager === undefined && packagemanager !== "auto") {
        throw new Error(
            `packagemanager option must be one of auto, npm, yarn, pnpm or bun, got "${packagemanager}"`,
        );
    }
    return { typescript, tsconfig, nodeArgs: split(nodeargs), packageManager };
}

/** The options that the SDK's loader reads, as environment variables. */
export function loaderEnvironment({ typescript, tsconfig }: RuntimeOptions): NodeJS.ProcessEnv {
    return {
        ...(typescript ? { PULUMI_NODEJS_TYPESCRIPT: "true" } : {}),
        ...(tsconfig ? { PULUMI_NODEJS_TSCONFIG_PATH: tsconfig } : {}),
    };
}
