import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { credentials } from "@grpc/grpc-js";
import { LanguageRuntimeClient } from "@pulumi/pulumi/proto/language_grpc_pb";
import { ProgramInfo } from "@pulumi/pulumi/proto/language_pb";
import { Struct } from "google-protobuf/google/protobuf/struct_pb";

/** A running language host, as an engine sees it. */
export interface Host {
    readonly process: ChildProcess;
    readonly client: LanguageRuntimeClient;
    /** Standard output after the port. */
    readonly output: () => string;
    /** Ends the host as the engine does; resolves to the exit code. */
    stop(): Promise<number | null>;
}

/** Starts a bundled host and connects to the port that it prints. */
export async function startHost(file: string): Promise<Host> {
    const PATH = [dirname(process.execPath), process.env["PATH"]].join(delimiter);
    const child = spawn(file, ["127.0.0.1:9"], {
        env: { ...process.env, PATH },
        stdio: ["ignore", "pipe", "inherit"],
    });
    let text = "";
    const port = await new Promise<string>((resolve, reject) => {
        child.on("error", reject);
        child.stdout.on("data", (chunk: Buffer) => {
            text += chunk.toString("utf8");
            const end = text.indexOf("\n");
            if (end >= 0) {
                resolve(text.slice(0, end));
            }
        });
    });
    const client = new LanguageRuntimeClient(`127.0.0.1:${port}`, credentials.createInsecure());
    return {
        process: child,
        client,
        output: () => text.slice(text.indexOf("\n") + 1),
        stop: async () => {
            client.close();
            child.kill("SIGINT");
            const [code] = child.exitCode === null ? await once(child, "exit") : [child.exitCode];
            return code;
        },
    };
}

/** Writes the files of a program; objects become JSON. */
export function writeProgram(folder: string, files: Record<string, unknown>): string {
    for (const [path, content] of Object.entries(files)) {
        const file = join(folder, path);
        mkdirSync(dirname(file), { recursive: true });
        writeFileSync(file, typeof content === "string" ? content : JSON.stringify(content));
    }
    return folder;
}

/** The engine's description of a program in that folder. */
export function programInfo(
    folder: string,
    options: Record<string, string | boolean> = {},
): ProgramInfo {
    return new ProgramInfo()
        .setRootDirectory(folder)
        .setProgramDirectory(folder)
        .setEntryPoint(".")
        .setOptions(Struct.fromJavaScript(options));
}

/** Turns a client call with a callback into a promise. */
export function answer<Request, Response>(
    call: (request: Request, done: (error: Error | null, response: Response) => void) => unknown,
    request: Request,
): Promise<Response> {
    return new Promise((resolve, reject) => {
        call(request, (error, response) => (error === null ? resolve(response) : reject(error)));
    });
}
