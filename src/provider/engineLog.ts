import { credentials, Metadata } from "@grpc/grpc-js";
import { EngineClient } from "@pulumi/pulumi/proto/engine_grpc_pb";
import { LogRequest, LogSeverity } from "@pulumi/pulumi/proto/engine_pb";
import { printWarning, type Warn } from "./warning";

/** Time limit of one message, in milliseconds. */
const timeoutMs = 2000;

/**
 * Logs warnings through the engine at an address: Pulumi hides what a plugin writes to standard error.
 * Without an engine, or if it does not answer, they go to standard error.
 */
export function engineLog(address: string | undefined): {
    readonly warn: Warn;
    readonly close: () => void;
} {
    if (address === undefined) return { warn: printWarning, close: () => undefined };
    const engine = new EngineClient(address, credentials.createInsecure());
    const warn: Warn = (message, urn) => {
        const request = new LogRequest();
        request.setSeverity(LogSeverity.WARNING);
        request.setMessage(message);
        request.setUrn(urn ?? "");
        const deadline = Date.now() + timeoutMs;
        return new Promise((resolve) => {
            engine.log(request, new Metadata(), { deadline }, (error) =>
                resolve(error ? printWarning(message, urn) : undefined),
            );
        });
    };
    return { warn, close: () => engine.close() };
}
