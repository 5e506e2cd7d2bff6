import { builderFault } from "./builderFault";
import { type BuildFault, BuildFaultKind } from "./buildFault";
import { registryFault } from "./registryFault";

/** An instruction of the Dockerfile that failed (buildkit 0.31, solver/errdefs/exec.go and executor). */
const failedInstruction = /did not complete successfully: exit code: (\d+)/;
/** Cancelled by the user or by the engine. */
const cancelled = /context canceled|code = Canceled/i;

/**
 * Tells what ended a build from the error text of docker-build 0.0.22, which hands on what BuildKit,
 * containerd's registry client and Go's network layer say. Refusals win over passing faults, since a
 * text may hold both.
 */
export function classifyBuildFault(error: string): BuildFault {
    const instruction = failedInstruction.exec(error);
    if (instruction !== null) {
        // Its output may speak of resets and timeouts; only the Dockerfile can do something about those.
        return {
            kind: BuildFaultKind.Own,
            what: `an instruction of the Dockerfile ended with ${instruction[1]}`,
            advice:
                instruction[1] === "137"
                    ? "137 is a kill, most often for lack of memory on the builder."
                    : "",
        };
    }
    if (cancelled.test(error)) {
        return { kind: BuildFaultKind.Own, what: "the build was cancelled", advice: "" };
    }
    return (
        registryFault(error) ??
        builderFault(error) ?? {
            kind: BuildFaultKind.Own,
            what: "the build failed",
            advice: "",
        }
    );
}
