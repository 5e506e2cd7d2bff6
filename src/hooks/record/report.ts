import { PerRun } from "../../engine/currentRun";
import { reportVariables } from "../../report/model";
import type { RunRecorder } from "./runRecorder";

const recorders = new PerRun<{ recorder?: RunRecorder }>(() => ({}));

/**
 * The recorder of the current run; undefined when no report is asked for. Only a run with a report
 * loads the modules that record and write it.
 */
export function runRecorder(env: NodeJS.ProcessEnv = process.env): RunRecorder | undefined {
    if (!reportVariables.some((variable) => env[variable])) {
        return undefined;
    }
    const loaded: typeof import("./runRecorder") = require("./runRecorder");
    const run = recorders.current;
    run.recorder ??= new loaded.RunRecorder(env);
    return run.recorder;
}
