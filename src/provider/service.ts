import type { handleUnaryCall, UntypedServiceImplementation } from "@grpc/grpc-js";
import { PluginInfo } from "@pulumi/pulumi/proto/plugin_pb";
import * as pb from "@pulumi/pulumi/proto/provider_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { configuration } from "./configuration";
import type { Kept, Provider } from "./provider";
import { redactFailures } from "./redact";
import {
    autonamingOf,
    fromStruct,
    toDiffResponse,
    toFailures,
    toServiceError,
    toStruct,
} from "./rpc";
import { parseUrn } from "./urn";
import type { Decoded } from "./values";

/** What the service needs in addition to the provider. */
export interface ServiceParts {
    readonly provider: Provider;
    readonly version: string;
    /** The text of the package schema; called at most once. */
    readonly schema: () => string;
}

type Given = Parameters<typeof toServiceError>[1];
const nothing: Given = { values: {}, secrets: new Set() };

/** Pulumi's ResourceProvider service (proto/pulumi/provider.proto) over a {@link Provider}. */
export function resourceProviderService(parts: ServiceParts): UntypedServiceImplementation {
    return {
        ...pluginHandlers(parts),
        ...configHandlers(parts.provider),
        ...resourceHandlers(parts.provider),
    };
}

function pluginHandlers({ provider, version, schema }: ServiceParts): UntypedServiceImplementation {
    return {
        handshake: unary((_: pb.ProviderHandshakeRequest) => {
            const response = new pb.ProviderHandshakeResponse();
            response.setAcceptSecrets(true);
            response.setSupportsAutonamingConfiguration(true);
            return response;
        }),
        attach: unary((_: unknown) => new Empty()),
        getPluginInfo: unary((_: unknown) => {
            const info = new PluginInfo();
            info.setVersion(version);
            return info;
        }),
        getSchema: unary((_: pb.GetSchemaRequest) => {
            const response = new pb.GetSchemaResponse();
            response.setSchema(schema());
            return response;
        }),
        cancel: unary((_: unknown) => {
            provider.cancel();
            return new Empty();
        }),
    };
}

function configHandlers(provider: Provider): UntypedServiceImplementation {
    const secretKeys = Object.entries(configuration)
        .filter(([, property]) => "secret" in property)
        .map(([key]) => key);
    return {
        checkConfig: unary((request: pb.CheckRequest) => {
            const news = fromStruct(request.getNews());
            const response = new pb.CheckResponse();
            const secrets = new Set([...secretKeys, ...news.secrets]);
            const failures = redactFailures(provider.checkConfig(news.values), news, secrets);
            response.setInputs(toStruct(news.values, secrets));
            response.setFailuresList(toFailures(failures));
            return response;
        }),
        diffConfig: unary((request: pb.DiffRequest) => {
            const olds = fromStruct(request.getOldInputs() ?? request.getOlds()).values;
            return toDiffResponse(provider.diffConfig(olds, fromStruct(request.getNews()).values));
        }),
        configure: unary((request: pb.ConfigureRequest) => {
            provider.configure(fromStruct(request.getArgs()).values);
            const response = new pb.ConfigureResponse();
            response.setAcceptsecrets(true);
            response.setSupportspreview(true);
            response.setSupportsAutonamingConfiguration(true);
            return response;
        }),
        invoke: unary(async (request: pb.InvokeRequest) => {
            const args = fromStruct(request.getArgs());
            const { result, failures } = await provider.invoke(request.getTok(), args.values);
            const response = new pb.InvokeResponse();
            response.setReturn(toStruct(result, args.secrets));
            response.setFailuresList(toFailures(redactFailures(failures, args, args.secrets)));
            return response;
        }),
    };
}

function resourceHandlers(provider: Provider): UntypedServiceImplementation {
    return {
        check: unary((request: pb.CheckRequest) => {
            const news = fromStruct(request.getNews());
            const { inputs, failures } = provider.check({
                urn: request.getUrn(),
                olds: fromStruct(request.getOlds()).values,
                news: news.values,
                seed: request.getRandomseed_asU8(),
                autonaming: autonamingOf(request),
            });
            const response = new pb.CheckResponse();
            const secrets = secretsOf(provider, request, news);
            response.setInputs(toStruct(inputs, secrets));
            response.setFailuresList(toFailures(redactFailures(failures, news, secrets)));
            return response;
        }),
        diff: unary((request: pb.DiffRequest) => {
            const kept = keptOf(request, request.getOlds(), request.getOldInputs());
            const news = fromStruct(request.getNews()).values;
            return toDiffResponse(provider.diff(request.getUrn(), kept, news));
        }),
        create: unary(
            async (request: pb.CreateRequest) => {
                const news = fromStruct(request.getProperties());
                const secrets = secretsOf(provider, request, news);
                const response = new pb.CreateResponse();
                if (request.getPreview()) {
                    const outputs = await provider.previewCreate(request.getUrn(), news.values);
                    response.setProperties(toStruct(outputs, secrets));
                    return response;
                }
                const made = await provider.create(request.getUrn(), news.values);
                response.setId(made.id);
                response.setProperties(toStruct(made.outputs, secrets));
                return response;
            },
            givenTo(provider, (request: pb.CreateRequest) => request.getProperties()),
        ),
        read: unary(async (request: pb.ReadRequest) => {
            const kept = keptOf(request, request.getProperties(), request.getInputs());
            const response = new pb.ReadResponse();
            const found = await provider.read(request.getUrn(), kept);
            if (!found) return response;
            const secrets = secretsOf(
                provider,
                request,
                fromStruct(request.getProperties()),
                fromStruct(request.getInputs()),
            );
            response.setId(found.id);
            response.setProperties(toStruct(found.outputs, secrets));
            response.setInputs(toStruct(found.inputs, secrets));
            return response;
        }),
        update: unary(
            async (request: pb.UpdateRequest) => {
                const kept = keptOf(request, request.getOlds(), request.getOldInputs());
                const news = fromStruct(request.getNews());
                const type = typeOf(request);
                const outputs = request.getPreview()
                    ? provider.previewUpdate(type, kept, news.values)
                    : await provider.update(type, kept, news.values);
                const response = new pb.UpdateResponse();
                response.setProperties(toStruct(outputs, secretsOf(provider, request, news)));
                return response;
            },
            givenTo(provider, (request: pb.UpdateRequest) => request.getNews()),
        ),
        delete: unary(async (request: pb.DeleteRequest) => {
            const kept = keptOf(request, request.getProperties(), request.getOldInputs());
            await provider.delete(request.getUrn(), kept);
            return new Empty();
        }),
    };
}

interface Addressed {
    getUrn(): string;
}

function typeOf(request: Addressed): string {
    return parseUrn(request.getUrn()).type;
}

type Struct = Parameters<typeof fromStruct>[0];

function keptOf(request: { getId(): string }, outputs: Struct, inputs: Struct): Kept {
    return {
        id: request.getId(),
        outputs: fromStruct(outputs).values,
        inputs: fromStruct(inputs).values,
    };
}

// Properties that are always secret, and properties that arrived as secrets.
function secretsOf(
    provider: Provider,
    request: Addressed,
    ...given: Decoded[]
): ReadonlySet<string> {
    const always = provider.secretsOf(typeOf(request));
    return new Set([...always, ...given.flatMap(({ secrets }) => [...secrets])]);
}

// The possible secrets of a request, so that no error shows them.
function givenTo<Request extends Addressed>(
    provider: Provider,
    struct: (request: Request) => Struct,
): (request: Request) => Given {
    return (request) => {
        const given = fromStruct(struct(request));
        return { values: given.values, secrets: secretsOf(provider, request, given) };
    };
}

function unary<Request, Response>(
    work: (request: Request) => Response | Promise<Response>,
    given: (request: Request) => Given = () => nothing,
): handleUnaryCall<Request, Response> {
    return async (call, callback) => {
        try {
            callback(null, await work(call.request));
        } catch (error) {
            callback(toServiceError(error, given(call.request)));
        }
    };
}
