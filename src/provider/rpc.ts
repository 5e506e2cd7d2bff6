import { Metadata, type ServiceError, status } from "@grpc/grpc-js";
import * as provider from "@pulumi/pulumi/proto/provider_pb";
import * as statusProto from "@pulumi/pulumi/proto/status_pb";
import { Any } from "google-protobuf/google/protobuf/any_pb";
import { type JavaScriptValue, Struct } from "google-protobuf/google/protobuf/struct_pb";
import { RequestError } from "../http/error";
import { type Diff, DiffKind } from "./diff";
import { type Failure, PartialError, topLevel, UserError } from "./failure";
import type { Autonaming } from "./naming";
import { redactText } from "./redact";
import { type Bag, type Decoded, decode, encode } from "./values";

/** Reads a struct from a request. */
export function fromStruct(struct: Struct | undefined): Decoded {
    return decode(struct?.toJavaScript() ?? {});
}

/** Writes a struct for an answer, with the properties in `secrets` as secrets. */
export function toStruct(values: Bag, secrets: ReadonlySet<string>): Struct {
    // `encode` returns only JSON.
    return Struct.fromJavaScript(encode(values, secrets) as Record<string, JavaScriptValue>);
}

export function toFailures(failures: readonly Failure[]): provider.CheckFailure[] {
    return failures.map(({ property, reason }) => {
        const failure = new provider.CheckFailure();
        failure.setProperty(property);
        failure.setReason(reason);
        return failure;
    });
}

const kinds = {
    [DiffKind.Add]: provider.PropertyDiff.Kind.ADD,
    [DiffKind.AddReplace]: provider.PropertyDiff.Kind.ADD_REPLACE,
    [DiffKind.Delete]: provider.PropertyDiff.Kind.DELETE,
    [DiffKind.DeleteReplace]: provider.PropertyDiff.Kind.DELETE_REPLACE,
    [DiffKind.Update]: provider.PropertyDiff.Kind.UPDATE,
    [DiffKind.UpdateReplace]: provider.PropertyDiff.Kind.UPDATE_REPLACE,
} as const;

export function toDiffResponse(diff: Diff): provider.DiffResponse {
    const { DIFF_NONE, DIFF_SOME } = provider.DiffResponse.DiffChanges;
    const response = new provider.DiffResponse();
    response.setChanges(diff.detailed.size > 0 ? DIFF_SOME : DIFF_NONE);
    response.setReplacesList([...diff.replaces]);
    response.setDeletebeforereplace(diff.deleteBeforeReplace);
    response.setDiffsList([...new Set([...diff.detailed.keys()].map(topLevel))]);
    response.setHasdetaileddiff(true);
    for (const [path, kind] of diff.detailed) {
        const property = new provider.PropertyDiff();
        property.setKind(kinds[kind]);
        response.getDetaileddiffMap().set(path, property);
    }
    return response;
}

export function autonamingOf(request: provider.CheckRequest): Autonaming | undefined {
    const options = request.getAutonaming();
    if (!options) return undefined;
    const { ENFORCE, DISABLE } = provider.CheckRequest.AutonamingOptions.Mode;
    const mode = options.getMode();
    return {
        mode: mode === ENFORCE ? "enforce" : mode === DISABLE ? "disable" : "propose",
        proposedName: options.getProposedName(),
    };
}

/** Turns a thrown value into an answer. Reports a partial resource to the engine, which records it. */
export function toServiceError(error: unknown, given: Decoded): Partial<ServiceError> {
    const message = redactText(messageOf(error), given);
    if (!(error instanceof PartialError))
        return { code: status.UNKNOWN, message, details: message };
    const detail = new provider.ErrorResourceInitFailed();
    detail.setId(error.id);
    detail.setProperties(toStruct(error.outputs, given.secrets));
    detail.setReasonsList([message]);
    const any = new Any();
    any.pack(detail.serializeBinary(), "pulumirpc.ErrorResourceInitFailed");
    const answer = new statusProto.Status();
    answer.setCode(status.UNKNOWN);
    answer.setMessage(message);
    answer.addDetails(any);
    const metadata = new Metadata();
    metadata.add("grpc-status-details-bin", Buffer.from(answer.serializeBinary()));
    return { code: status.UNKNOWN, message, details: message, metadata };
}

function messageOf(error: unknown): string {
    if (
        error instanceof UserError ||
        error instanceof PartialError ||
        error instanceof RequestError
    ) {
        return error.message;
    }
    const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return `unexpected error in the provider harbor, please report it: ${detail}`;
}
