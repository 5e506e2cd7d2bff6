import * as pulumi from "@pulumi/pulumi";
import { hasBuilders, isDaemon } from "../../buildkit/builders";
import { OncePerRun } from "../../engine/currentRun";
import { readImageInputs } from "../imageInputs";
import { log } from "../log";

const warned = new OncePerRun<void>();
const lacks = "without your settings, such as certificate authorities and mirrors";

/**
 * Creates the function of a hook that warns, once in a run, when docker-build does not use a builder of
 * the user's. A preview that builds nothing may run on a machine without builders.
 */
export function builderHook(env: NodeJS.ProcessEnv = process.env): pulumi.ResourceHookFunction {
    return async ({ urn, newInputs }) => {
        const { builder } = await readImageInputs(newInputs);
        const isBuilding = !pulumi.runtime.isDryRun() || newInputs?.["buildOnPreview"] === true;
        const warning = builderWarning(builder, isBuilding, env);
        if (warning !== undefined) await warned.ask(warning, () => log("warning", warning, urn));
    };
}

function builderWarning(
    given: string | undefined,
    isBuilding: boolean,
    env: NodeJS.ProcessEnv,
): string | undefined {
    if (given === undefined) {
        return isBuilding && !hasBuilders(env)
            ? `builder: none is set up on this machine. docker-build starts a BuildKit container in Docker, ${lacks}, and leaves it running. Fix: docker buildx create --use creates a builder.`
            : undefined;
    }
    return isDaemon(env, given)
        ? `builder: "${given}" is the Docker daemon's own (driver docker). Expected a builder with the driver docker-container, kubernetes or remote. docker-build starts a BuildKit container instead, ${lacks}. Fix: create a builder, docker buildx create --name NAME, and set its name here.`
        : undefined;
}
