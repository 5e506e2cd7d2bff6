import { credentials, type ServiceError } from "@grpc/grpc-js";
import { ResourceProviderClient } from "@pulumi/pulumi/proto/provider_grpc_pb";
import * as pb from "@pulumi/pulumi/proto/provider_pb";
import { type JavaScriptValue, Struct } from "google-protobuf/google/protobuf/struct_pb";

/** Properties as the protocol carries them. */
type Properties = Readonly<Record<string, JavaScriptValue>>;

/** A resource after an operation. */
interface Made {
    readonly id: string;
    readonly outputs: Properties;
}

/** Calls a running provider plugin as the engine does. */
export class PluginSession {
    private readonly client: ResourceProviderClient;

    constructor(port: number) {
        this.client = new ResourceProviderClient(`127.0.0.1:${port}`, credentials.createInsecure());
    }

    close(): void {
        this.client.close();
    }

    async configure(args: Properties): Promise<void> {
        const request = new pb.ConfigureRequest();
        request.setArgs(struct(args));
        await call<pb.ConfigureResponse>((done) => this.client.configure(request, done));
    }

    /** Checks, then creates. */
    async create(type: string, given: Properties): Promise<Made> {
        const request = new pb.CreateRequest();
        request.setUrn(urn(type));
        request.setProperties(struct(await this.check(type, given)));
        const response = await call<pb.CreateResponse>((done) => this.client.create(request, done));
        return { id: response.getId(), outputs: properties(response.getProperties()) };
    }

    async read(type: string, id: string, outputs?: Properties): Promise<Made> {
        const request = new pb.ReadRequest();
        request.setUrn(urn(type));
        request.setId(id);
        if (outputs !== undefined) {
            request.setProperties(struct(outputs));
        }
        const response = await call<pb.ReadResponse>((done) => this.client.read(request, done));
        return { id: response.getId(), outputs: properties(response.getProperties()) };
    }

    /** Checks, then updates. */
    async update(type: string, id: string, olds: Properties, given: Properties): Promise<void> {
        const request = new pb.UpdateRequest();
        request.setUrn(urn(type));
        request.setId(id);
        request.setOlds(struct(olds));
        request.setNews(struct(await this.check(type, given)));
        await call<pb.UpdateResponse>((done) => this.client.update(request, done));
    }

    /** Asks what differs between a resource's state and its inputs. */
    async diff(type: string, olds: Properties, news: Properties): Promise<void> {
        const request = new pb.DiffRequest();
        request.setUrn(urn(type));
        request.setId("it");
        request.setOlds(struct(olds));
        request.setNews(struct(news));
        await call<pb.DiffResponse>((done) => this.client.diff(request, done));
    }

    async delete(type: string, id: string, outputs: Properties): Promise<void> {
        const request = new pb.DeleteRequest();
        request.setUrn(urn(type));
        request.setId(id);
        request.setProperties(struct(outputs));
        await call<unknown>((done) => this.client.delete(request, done));
    }

    private async check(type: string, given: Properties): Promise<Properties> {
        const request = new pb.CheckRequest();
        request.setUrn(urn(type));
        request.setNews(struct(given));
        const response = await call<pb.CheckResponse>((done) => this.client.check(request, done));
        const [failure] = response.getFailuresList();
        if (failure !== undefined) {
            throw new Error(`${type}: ${failure.getProperty()}: ${failure.getReason()}`);
        }
        return properties(response.getInputs());
    }
}

const urn = (type: string): string => `urn:pulumi:bench::bench::${type}::it`;
const struct = (values: Properties): Struct => Struct.fromJavaScript(values);
const properties = (values: Struct | undefined): Properties => values?.toJavaScript() ?? {};

function call<Response>(
    send: (done: (error: ServiceError | null, response: Response) => void) => unknown,
): Promise<Response> {
    return new Promise((resolve, reject) => {
        send((error, response) => (error ? reject(error) : resolve(response)));
    });
}
