import { builderFault, daemonFault } from "./builderFault";
import { type BuildFault, BuildFaultKind } from "./buildFault";
import { registryFault } from "./registryFault";

/** A failed instruction of the Dockerfile (buildkit 0.31, solver/errdefs/exec.go and executor). */
const failedInstruction = /did not complete successfully: exit code: (\d+)/;
/** Cancelled by the user or by the engine. */
const cancelled = /context canceled|code = Canceled/i;

/** The error of a build for the report; the explanation of a temporary fault comes first. */
export function reportedError(error: string): string {
    const { kind, what, advice } = classifyBuildFault(error);
    if (kind !== BuildFaultKind.Temporary) {
        return error;
    }
    return [`${what}.${advice && ` ${advice}`}`, error].join("\n");
}

/**
 * Finds the fault that ended a build in the error text of docker-build 0.0.22, which includes messages
 * of BuildKit, containerd's registry client and Go's network layer. Refusals win over temporary faults,
 * since a text may contain both.
 */
export function classifyBuildFault(error: string): BuildFault {
    const instruction = failedInstruction.exec(error);
    if (instruction !== null) {
        // The instruction's output may mention resets and timeouts; only the Dockerfile can handle those.
        return {
            kind: BuildFaultKind.Own,
            what: `an instruction of the Dockerfile ended with exit code ${instruction[1]}`,
            advice:
                instruction[1] === "137"
                    ? "Exit code 137 means that the process was killed, usually because the builder ran out of memory."
                    : "",
        };
    }
    if (cancelled.test(error)) {
        return { kind: BuildFaultKind.Own, what: "the build was cancelled", advice: "" };
    }
    return (
        daemonFault(error) ??
        registryFault(error) ??
        builderFault(error) ?? {
            kind: BuildFaultKind.Own,
            what: "the build failed",
            advice: "",
        }
    );
}
