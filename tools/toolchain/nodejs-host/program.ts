import { createRequire } from "node:module";
import { join } from "node:path";
import { type RunRequest, RunResponse } from "@pulumi/pulumi/proto/language_pb";
import type { Children, Ending, StartedChild } from "./children";
import { loaderEnvironment, optionsOf } from "./options";

/** Exit code of the SDK's loader (its cmd/run) after it has reported the error to the user. */
const reportedExitCode = 32;

/** Runs a program to its end. `onStart` gets the running process. */
export async function runProgram(
    request: RunRequest,
    engineAddress: string,
    children: Children,
    onStart: (started: StartedChild) => void,
): Promise<RunResponse> {
    const response = new RunResponse();
    if (request.getAttachDebugger()) {
        return response.setError("attaching a debugger is not supported by this language host");
    }
    try {
        const info = request.getInfo();
        const options = optionsOf(info);
        const loader = locate("@pulumi/pulumi/cmd/run", info?.getProgramDirectory() ?? "");
        const args = [...options.nodeArgs, loader, ...loaderArguments(request, engineAddress)];
        const started = children.start(process.execPath, args, {
            env: {
                ...process.env,
                ...configEnvironment(request),
                ...loaderEnvironment(options),
            },
            stdio: ["ignore", "pipe", "pipe"],
        });
        onStart(started);
        // Through separate pipes: a Node.js child changes the blocking mode of inherited streams.
        started.child.stdout?.pipe(process.stdout, { end: false });
        started.child.stderr?.pipe(process.stderr, { end: false });
        return conclude(response, await started.ending);
    } catch (error) {
        return response.setError(error instanceof Error ? error.message : String(error));
    }
}

function conclude(response: RunResponse, ending: Ending): RunResponse {
    if ("signal" in ending) {
        return response.setError(`Program was ended by ${ending.signal}`);
    }
    if (ending.code === reportedExitCode) {
        return response.setBail(true);
    }
    if (ending.code !== 0) {
        return response.setError(`Program exited with non-zero exit code: ${ending.code}`);
    }
    return response;
}

/** Path of a module of the program's own SDK. @throws Error when the SDK is not installed. */
export function locate(module: string, programDirectory: string): string {
    try {
        return createRequire(join(programDirectory, "package.json")).resolve(module);
    } catch {
        throw new Error(
            "It looks like the Pulumi SDK has not been installed. " +
                "Have you run npm install or yarn install?",
        );
    }
}

/** The command line of the SDK's cmd/run. */
export function loaderArguments(request: RunRequest, engineAddress: string): string[] {
    const info = request.getInfo();
    const flags: [string, string][] = [
        ["monitor", request.getMonitorAddress()],
        ["engine", engineAddress],
        ["organization", request.getOrganization()],
        ["project", request.getProject()],
        ["root-directory", info?.getRootDirectory() ?? ""],
        ["stack", request.getStack()],
        ["pwd", info?.getProgramDirectory() ?? ""],
        ["parallel", String(request.getParallel())],
    ];
    return [
        ...flags.flatMap(([name, value]) => (value === "" ? [] : [`--${name}`, value])),
        ...(request.getDryrun() ? ["--dry-run"] : []),
        info?.getEntryPoint() || ".",
        ...request.getArgsList(),
    ];
}

/** The configuration as environment variables, with long keys, which every SDK version reads. */
export function configEnvironment(request: RunRequest): NodeJS.ProcessEnv {
    const config: Record<string, string> = {};
    request.getConfigMap().forEach((value, key) => {
        config[longKey(key)] = value;
    });
    return {
        PULUMI_CONFIG: JSON.stringify(config),
        PULUMI_CONFIG_SECRET_KEYS: JSON.stringify(request.getConfigsecretkeysList()),
    };
}

function longKey(key: string): string {
    const [namespace, ...rest] = key.split(":");
    const name = rest[0] === "config" && rest.length > 1 ? rest.slice(1) : rest;
    return `${namespace}:config:${name.join(":")}`;
}
