import * as pulumi from "@pulumi/pulumi";

/** The current run. Inline programs of one process have a run each. */
export function currentRun(): object {
    return pulumi.runtime.getMonitor() ?? pulumi;
}
