import { Server, ServerCredentials } from "@grpc/grpc-js";
import { ResourceProviderService } from "@pulumi/pulumi/proto/provider_grpc_pb";
import { Claims } from "../harbor/claims";
import { engineLog } from "./engineLog";
import { functions } from "./functions/index";
import { Provider } from "./provider";
import { resources } from "./resources/index";
import { resourceProviderService } from "./service";

/** Largest message, in bytes; equal to the engine's limit. */
const messageBytesMax = 400 * 1024 * 1024;

/** A provider that listens. */
export interface ProviderServer {
    readonly port: number;
    readonly close: () => void;
}

/** Starts the provider on a free port of the loopback interface, without requests to Harbor. */
export async function startProvider(options: {
    readonly version: string;
    readonly schema: () => string;
    readonly env: NodeJS.ProcessEnv;
    /** Address of the engine; undefined when there is none. */
    readonly engine?: string | undefined;
}): Promise<ProviderServer> {
    const claims = new Claims(options.engine);
    const { warn, close } = engineLog(options.engine);
    const provider = new Provider({ resources, functions, env: options.env, claims, warn });
    const server = new Server({
        "grpc.max_receive_message_length": messageBytesMax,
        "grpc.max_send_message_length": messageBytesMax,
    });
    server.addService(ResourceProviderService, resourceProviderService({ provider, ...options }));
    const port = await new Promise<number>((resolve, reject) => {
        server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) =>
            error ? reject(error) : resolve(bound),
        );
    });
    return {
        port,
        close: () => {
            provider.close();
            close();
            server.forceShutdown();
        },
    };
}
