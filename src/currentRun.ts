import * as pulumi from "@pulumi/pulumi";

/** The run that the program is in; those of one process, as inline programs are, are apart. */
export function currentRun(): object {
    return pulumi.runtime.getMonitor() ?? pulumi;
}
