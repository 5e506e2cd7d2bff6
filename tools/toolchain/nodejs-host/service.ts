import { execFile } from "node:child_process";
import { promisify } from "node:util";
import {
    type handleServerStreamingCall,
    type handleUnaryCall,
    type ServerUnaryCall,
    type ServerWritableStream,
    status,
} from "@grpc/grpc-js";
import * as language from "@pulumi/pulumi/proto/language_pb";
import { PluginInfo } from "@pulumi/pulumi/proto/plugin_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import type { Children, StartedChild } from "./children";
import { directDependencies, installDependencies, packageManagerOf } from "./install";
import { optionsOf } from "./options";
import { installedPackages, requiredPlugin, sdkConflict } from "./packages";
import { runPlugin } from "./plugin";
import { runProgram } from "./program";

/** Address of the engine, from the command line or from a handshake. */
export interface EngineConnection {
    address: string;
}

/**
 * The LanguageRuntime service (pulumi/language.proto). Only the vendor's host generates code and
 * packs; this host answers these calls with UNIMPLEMENTED.
 */
export function languageRuntime(engine: EngineConnection, children: Children, version: string) {
    return {
        handshake: unary<language.LanguageHandshakeRequest, language.LanguageHandshakeResponse>(
            async ({ request }) => {
                engine.address = request.getEngineAddress();
                return new language.LanguageHandshakeResponse();
            },
        ),
        getPluginInfo: unary<Empty, PluginInfo>(async () => new PluginInfo().setVersion(version)),
        getRequiredPackages: unary(getRequiredPackages),
        run: unary<language.RunRequest, language.RunResponse>((call) =>
            runProgram(call.request, engine.address, children, endWithCall(call)),
        ),
        runPlugin: streaming<language.RunPluginRequest, language.RunPluginResponse>((call) =>
            runPlugin(call.request, children, (chunk) => call.write(chunk), endWithCall(call)),
        ),
        installDependencies: streaming<
            language.InstallDependenciesRequest,
            language.InstallDependenciesResponse
        >((call) => install(call, children)),
        about: unary(about),
        getProgramDependencies: unary(getProgramDependencies),
        runtimeOptionsPrompts: unary<
            language.RuntimeOptionsRequest,
            language.RuntimeOptionsResponse
        >(async () => new language.RuntimeOptionsResponse()),
        template: unary<language.TemplateRequest, language.TemplateResponse>(
            async () => new language.TemplateResponse(),
        ),
        cancel: unary<Empty, Empty>(async () => {
            await children.interruptAll();
            return new Empty();
        }),
    };
}

async function getRequiredPackages({
    request,
}: ServerUnaryCall<language.GetRequiredPackagesRequest, language.GetRequiredPackagesResponse>) {
    const packages = installedPackages(request.getInfo()?.getProgramDirectory() ?? "");
    process.stderr.write(sdkConflict(packages) ?? "");
    const plugins = packages.map(requiredPlugin).filter((plugin) => plugin !== undefined);
    return new language.GetRequiredPackagesResponse().setPackagesList(plugins);
}

async function install(
    call: ServerWritableStream<
        language.InstallDependenciesRequest,
        language.InstallDependenciesResponse
    >,
    children: Children,
): Promise<void> {
    const info = call.request.getInfo();
    const directory = info?.getProgramDirectory() || call.request.getDirectory();
    const manager = packageManagerOf(directory, optionsOf(info).packageManager);
    const print = {
        stdout: (chunk: Uint8Array) => {
            call.write(new language.InstallDependenciesResponse().setStdout(chunk));
        },
        stderr: (chunk: Uint8Array) => {
            call.write(new language.InstallDependenciesResponse().setStderr(chunk));
        },
    };
    await installDependencies(directory, manager, children, print, endWithCall(call));
}

async function about({ request }: ServerUnaryCall<language.AboutRequest, language.AboutResponse>) {
    const info = request.getInfo();
    const directory = info?.getProgramDirectory() ?? "";
    const manager = packageManagerOf(directory, optionsOf(info).packageManager);
    const answer = await promisify(execFile)(manager, ["--version"]).catch(() => undefined);
    const response = new language.AboutResponse()
        .setExecutable(process.execPath)
        .setVersion(process.version);
    response.getMetadataMap().set("packagemanager", manager);
    response.getMetadataMap().set("packagemanagerVersion", answer?.stdout.trim() ?? "");
    return response;
}

async function getProgramDependencies({
    request,
}: ServerUnaryCall<
    language.GetProgramDependenciesRequest,
    language.GetProgramDependenciesResponse
>) {
    const directory = request.getInfo()?.getProgramDirectory() ?? "";
    const dependencies = request.getTransitivedependencies()
        ? installedPackages(directory).map(({ json: { name = "", version = "" } }) => {
              return { name, version };
          })
        : directDependencies(directory);
    return new language.GetProgramDependenciesResponse().setDependenciesList(
        dependencies.map(({ name, version }) =>
            new language.DependencyInfo().setName(name).setVersion(version),
        ),
    );
}

/** Ends the process of a call when the call is cancelled. */
function endWithCall(call: {
    on(event: "cancelled", listener: () => void): unknown;
}): (started: StartedChild) => void {
    return (started) => call.on("cancelled", () => started.interrupt());
}

function unary<Request, Response>(
    handle: (call: ServerUnaryCall<Request, Response>) => Promise<Response>,
): handleUnaryCall<Request, Response> {
    return (call, callback) => {
        handle(call).then(
            (response) => callback(null, response),
            (error: unknown) => callback(failure(error)),
        );
    };
}

function streaming<Request, Response>(
    handle: (call: ServerWritableStream<Request, Response>) => Promise<void>,
): handleServerStreamingCall<Request, Response> {
    return (call) => {
        handle(call).then(
            () => call.end(),
            (error: unknown) => call.emit("error", failure(error)),
        );
    };
}

function failure(error: unknown) {
    const message = error instanceof Error ? error.message : String(error);
    return { name: "Error", message, code: status.UNKNOWN, details: message };
}
