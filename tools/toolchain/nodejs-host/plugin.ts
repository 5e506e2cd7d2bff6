import { type RunPluginRequest, RunPluginResponse } from "@pulumi/pulumi/proto/language_pb";
import type { Children, StartedChild } from "./children";
import { loaderEnvironment, optionsOf } from "./options";
import { locate } from "./program";

/**
 * Runs a plugin that is a Node.js program to its end, and forwards its output.
 *
 * @throws Error when the plugin cannot run, or ends with an exit code other than 0.
 */
export async function runPlugin(
    request: RunPluginRequest,
    children: Children,
    send: (response: RunPluginResponse) => void,
    onStart: (started: StartedChild) => void,
): Promise<void> {
    if (request.getKind() === "analyzer") {
        throw new Error("policy packs are not supported by this language host");
    }
    if (request.getAttachDebugger()) {
        throw new Error("attaching a debugger is not supported by this language host");
    }
    const directory = request.getInfo()?.getProgramDirectory() ?? "";
    const options = optionsOf(request.getInfo());
    const loader = locate("@pulumi/pulumi/cmd/run-plugin", directory);
    const args = [...options.nodeArgs, loader, directory, ...request.getArgsList()];
    const started = children.start(process.execPath, args, {
        cwd: request.getPwd(),
        env: { ...parseEnvironment(request.getEnvList()), ...loaderEnvironment(options) },
        stdio: ["ignore", "pipe", "pipe"],
    });
    onStart(started);
    started.child.stdout?.on("data", (chunk: Buffer) => {
        send(new RunPluginResponse().setStdout(chunk));
    });
    started.child.stderr?.on("data", (chunk: Buffer) => {
        send(new RunPluginResponse().setStderr(chunk));
    });
    const ending = await started.ending;
    if ("signal" in ending) {
        throw new Error(`Program was ended by ${ending.signal}`);
    }
    if (ending.code !== 0) {
        throw new Error(`Program exited with non-zero exit code: ${ending.code}`);
    }
}

/** Parses `NAME=value` lines; the engine sends the whole environment. */
function parseEnvironment(lines: readonly string[]): NodeJS.ProcessEnv {
    return Object.fromEntries(
        lines.map((line) => {
            const end = line.indexOf("=");
            return [line.slice(0, end), line.slice(end + 1)];
        }),
    );
}
