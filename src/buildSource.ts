import { join } from "node:path";
import type { CachedImageArgs } from "./cachedImageArgs";
import {
    ContextError,
    type ContextFailure,
    type OpenedContext,
    openContext,
    type Slice,
    sliceContext,
} from "./context";
import { type BuildOptions, DockerfileError, describeFailure } from "./dockerfile";
import { generatedFolder } from "./sliceFolder";
import type { Fault } from "./userError";

/** A Dockerfile and its context, read. */
export interface BuildSource extends OpenedContext {
    /** Path of the Dockerfile as messages name it. */
    readonly dockerfilePath: string;
}

/** Reads what a build is made from, or tells every fault of it. */
export function openBuildSource(
    args: Pick<CachedImageArgs, "context" | "dockerfile">,
): { readonly source: BuildSource } | { readonly faults: readonly Fault[] } {
    const dockerfilePath = args.dockerfile ?? join(args.context, "Dockerfile");
    try {
        const opened = openContext(args.context, dockerfilePath, { generated: generatedFolder });
        return { source: { ...opened, dockerfilePath } };
    } catch (error) {
        if (!(error instanceof ContextError)) {
            throw error;
        }
        const contextFailed = error.failures.some(({ subject }) => subject === "context");
        // Without its context a default Dockerfile is missing too; one message is enough.
        const told = error.failures.filter(
            ({ subject }) =>
                !(contextFailed && subject === "dockerfile" && args.dockerfile === undefined),
        );
        return { faults: told.map(toFault) };
    }
}

/** Cuts out what one target reads, or tells every fault of it. */
export function cutSlice(
    { dockerfile, tree, dockerfilePath }: BuildSource,
    options: BuildOptions,
): { readonly slice: Slice } | { readonly faults: readonly Fault[] } {
    try {
        return { slice: sliceContext({ dockerfile, tree, options }) };
    } catch (error) {
        if (!(error instanceof DockerfileError)) {
            throw error;
        }
        return {
            faults: error.failures.map((failure) => ({
                path: "dockerfile",
                message: `${dockerfilePath}: ${describeFailure(failure)}`,
            })),
        };
    }
}

function toFault({ subject, path, line, reason }: ContextFailure): Fault {
    const place = line === undefined ? path : `${path}: line ${line}`;
    return {
        path: subject === "dockerfile" ? "dockerfile" : "context",
        message: `${place}: ${reason}`,
    };
}
