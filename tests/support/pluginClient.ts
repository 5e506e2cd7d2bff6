import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { credentials, Server, ServerCredentials, type ServiceError } from "@grpc/grpc-js";
import { ResourceProviderClient } from "@pulumi/pulumi/proto/provider_grpc_pb";
import * as pb from "@pulumi/pulumi/proto/provider_pb";
import { Status } from "@pulumi/pulumi/proto/status_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { type JavaScriptValue, Struct } from "google-protobuf/google/protobuf/struct_pb";
import schema from "../../src/provider/schema.json";
import { startProvider } from "../../src/provider/server";

/** Values of a resource in the format of the protocol. */
export type Wire = Record<string, unknown>;

/** A value that the engine does not know yet. */
export const unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** A secret in the format of the protocol. */
export function secret(value: unknown): Wire {
    return { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", value };
}

/** The error for a resource that exists although its creation failed. */
export class InitFailed extends Error {
    readonly id: string;
    readonly properties: Wire;
    constructor(message: string, detail: pb.ErrorResourceInitFailed) {
        super(message);
        this.id = detail.getId();
        this.properties = detail.getProperties()?.toJavaScript() ?? {};
    }
}

/** The result of a diff, in a form for comparisons. */
export interface WireDiff {
    readonly changes: boolean;
    readonly replaces: string[];
    readonly deleteBeforeReplace: boolean;
    /** Kind by property path, such as `UPDATE` or `ADD_REPLACE`. */
    readonly detailed: Record<string, string>;
}

/** A client that talks to a provider over gRPC as the engine does. */
export class PluginClient {
    private readonly client: ResourceProviderClient;
    private readonly stop: () => void;
    /** Logical name of the resources. */
    private readonly name: string;

    private constructor(client: ResourceProviderClient, stop: () => void, name = "it") {
        this.client = client;
        this.stop = stop;
        this.name = name;
    }

    /**
     * Starts a provider with only `env` as its environment. Providers with one address of an `engine`
     * belong to one run.
     */
    static async start(env: NodeJS.ProcessEnv = {}, engine?: string): Promise<PluginClient> {
        const server = await startProvider({
            version: schema.version,
            schema: () => JSON.stringify(schema),
            env,
            engine,
        });
        return new PluginClient(clientOf(server.port), server.close);
    }

    /** Starts a plugin's executable in a folder, with only `env` as its environment. */
    static async spawn(
        path: string,
        options: { readonly cwd: string; readonly env: NodeJS.ProcessEnv },
    ): Promise<PluginClient> {
        // Every five minutes, the plugin asks whether the engine still answers, and otherwise ends.
        const engine = new Server();
        const enginePort = await new Promise((resolve, reject) => {
            engine.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) =>
                error === null ? resolve(bound) : reject(error),
            );
        });
        const child = spawn(path, [`127.0.0.1:${enginePort}`], {
            ...options,
            stdio: ["ignore", "pipe", "inherit"],
        });
        const [port] = await once(createInterface({ input: child.stdout }), "line");
        return new PluginClient(clientOf(port), () => {
            child.kill();
            engine.forceShutdown();
        });
    }

    /** The same provider for a resource with another logical name. */
    as(name: string): PluginClient {
        return new PluginClient(this.client, this.stop, name);
    }

    close(): void {
        this.client.close();
        this.stop();
    }

    async checkConfig(news: Wire): Promise<Record<string, string>> {
        const request = new pb.CheckRequest();
        request.setNews(struct(news));
        const response = await call<pb.CheckResponse>((done) =>
            this.client.checkConfig(request, done),
        );
        return failuresOf(response.getFailuresList());
    }

    async configure(args: Wire): Promise<void> {
        const request = new pb.ConfigureRequest();
        request.setArgs(struct(args));
        await call<pb.ConfigureResponse>((done) => this.client.configure(request, done));
    }

    async check(
        type: string,
        news: Wire,
        options: {
            olds?: Wire;
            name?: string;
            autonaming?: pb.CheckRequest.AutonamingOptions;
        } = {},
    ): Promise<{ inputs: Wire; failures: Record<string, string> }> {
        const request = new pb.CheckRequest();
        request.setUrn(urn(type, options.name ?? this.name));
        request.setNews(struct(news));
        if (options.olds) request.setOlds(struct(options.olds));
        if (options.autonaming) request.setAutonaming(options.autonaming);
        request.setRandomseed(Buffer.from("seed"));
        const response = await call<pb.CheckResponse>((done) => this.client.check(request, done));
        return {
            inputs: response.getInputs()?.toJavaScript() ?? {},
            failures: failuresOf(response.getFailuresList()),
        };
    }

    async diff(
        type: string,
        olds: Wire,
        news: Wire,
        oldInputs: Wire = olds,
        id = "",
    ): Promise<WireDiff> {
        const request = new pb.DiffRequest();
        request.setUrn(urn(type, this.name));
        request.setId(id);
        request.setOlds(struct(olds));
        request.setNews(struct(news));
        request.setOldInputs(struct(oldInputs));
        const response = await call<pb.DiffResponse>((done) => this.client.diff(request, done));
        const detailed: Record<string, string> = {};
        response.getDetaileddiffMap().forEach((value, key) => {
            detailed[key] = kindName(value.getKind());
        });
        return {
            changes: response.getChanges() === pb.DiffResponse.DiffChanges.DIFF_SOME,
            replaces: response.getReplacesList(),
            deleteBeforeReplace: response.getDeletebeforereplace(),
            detailed,
        };
    }

    async create(
        type: string,
        inputs: Wire,
        options: { preview?: boolean; parentType?: string } = {},
    ): Promise<{ id: string; outputs: Wire }> {
        const { parentType } = options;
        const request = new pb.CreateRequest();
        request.setUrn(urn(parentType === undefined ? type : `${parentType}$${type}`, this.name));
        request.setProperties(struct(inputs));
        request.setPreview(options.preview ?? false);
        const response = await call<pb.CreateResponse>((done) => this.client.create(request, done));
        return { id: response.getId(), outputs: response.getProperties()?.toJavaScript() ?? {} };
    }

    /**
     * Reads by id; without `outputs` and `inputs` this is an import. The returned id is empty for a
     * missing resource.
     */
    async read(
        type: string,
        id: string,
        outputs?: Wire,
        inputs?: Wire,
    ): Promise<{ id: string; outputs: Wire; inputs: Wire }> {
        const request = new pb.ReadRequest();
        request.setUrn(urn(type, this.name));
        request.setId(id);
        if (outputs) request.setProperties(struct(outputs));
        if (inputs) request.setInputs(struct(inputs));
        const response = await call<pb.ReadResponse>((done) => this.client.read(request, done));
        return {
            id: response.getId(),
            outputs: response.getProperties()?.toJavaScript() ?? {},
            inputs: response.getInputs()?.toJavaScript() ?? {},
        };
    }

    async update(
        type: string,
        id: string,
        olds: Wire,
        news: Wire,
        options: { preview?: boolean } = {},
    ): Promise<Wire> {
        const request = new pb.UpdateRequest();
        request.setUrn(urn(type, this.name));
        request.setId(id);
        request.setOlds(struct(olds));
        request.setNews(struct(news));
        request.setPreview(options.preview ?? false);
        const response = await call<pb.UpdateResponse>((done) => this.client.update(request, done));
        return response.getProperties()?.toJavaScript() ?? {};
    }

    async delete(type: string, id: string, outputs: Wire, inputs: Wire = {}): Promise<void> {
        const request = new pb.DeleteRequest();
        request.setUrn(urn(type, this.name));
        request.setId(id);
        request.setProperties(struct(outputs));
        request.setOldInputs(struct(inputs));
        await call<Empty>((done) => this.client.delete(request, done));
    }

    async invoke(
        token: string,
        args: Wire,
    ): Promise<{ result: Wire; failures: Record<string, string> }> {
        const request = new pb.InvokeRequest();
        request.setTok(token);
        request.setArgs(struct(args));
        const response = await call<pb.InvokeResponse>((done) => this.client.invoke(request, done));
        return {
            result: response.getReturn()?.toJavaScript() ?? {},
            failures: failuresOf(response.getFailuresList()),
        };
    }

    async getSchema(): Promise<string> {
        const request = new pb.GetSchemaRequest();
        const response = await call<pb.GetSchemaResponse>((done) =>
            this.client.getSchema(request, done),
        );
        return response.getSchema();
    }

    async handshake(): Promise<pb.ProviderHandshakeResponse.AsObject> {
        const request = new pb.ProviderHandshakeRequest();
        const response = await call<pb.ProviderHandshakeResponse>((done) =>
            this.client.handshake(request, done),
        );
        return response.toObject();
    }

    async cancel(): Promise<void> {
        await call<Empty>((done) => this.client.cancel(new Empty(), done));
    }
}

function clientOf(port: number | string): ResourceProviderClient {
    return new ResourceProviderClient(`127.0.0.1:${port}`, credentials.createInsecure());
}

function urn(type: string, name: string): string {
    return `urn:pulumi:test::tests::${type}::${name}`;
}

function struct(values: Wire): Struct {
    return Struct.fromJavaScript(values as Record<string, JavaScriptValue>); // Tests pass only JSON.
}

function failuresOf(list: pb.CheckFailure[]): Record<string, string> {
    return Object.fromEntries(list.map((item) => [item.getProperty(), item.getReason()]));
}

function kindName(kind: number): string {
    const found = Object.entries(pb.PropertyDiff.Kind).find(([, value]) => value === kind);
    return found?.[0] ?? String(kind);
}

function call<Response>(
    send: (done: (error: ServiceError | null, response: Response) => void) => unknown,
): Promise<Response> {
    return new Promise((resolve, reject) => {
        send((error, response) => (error ? reject(readError(error)) : resolve(response)));
    });
}

// gRPC transports incomplete resources in its own header.
function readError(error: ServiceError): Error {
    const [packed] = error.metadata.get("grpc-status-details-bin");
    const any =
        packed === undefined
            ? undefined
            : Status.deserializeBinary(Buffer.from(packed)).getDetailsList()[0];
    const detail = any?.unpack(
        pb.ErrorResourceInitFailed.deserializeBinary,
        "pulumirpc.ErrorResourceInitFailed",
    );
    return detail ? new InitFailed(error.details, detail) : new Error(error.details);
}
