import { Server, ServerCredentials } from "@grpc/grpc-js";
import { LanguageRuntimeService } from "@pulumi/pulumi/proto/language_grpc_pb";
import { Children } from "./children";
import { languageRuntime } from "./service";

/** Version of the engine that this host belongs to; the bundler sets it. */
declare const HOST_VERSION: string;

/** The engine's own limit: stack configurations and package schemas can be large. */
const messageBytesMax = 400 * 1024 * 1024;
/** Interval between checks whether the engine is alive, in milliseconds. */
const parentCheckMs = 1_000;

/** `pulumi-language-nodejs [FLAGS] ENGINE_ADDRESS`: starts a server and prints its port as the first line. */
function main(args: readonly string[]): void {
    const address = args.findLast((arg) => !arg.startsWith("-")) ?? "";
    const children = new Children();
    const server = new Server({
        "grpc.max_receive_message_length": messageBytesMax,
        "grpc.max_send_message_length": messageBytesMax,
    });
    server.addService(LanguageRuntimeService, languageRuntime({ address }, children, HOST_VERSION));
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, port) => {
        if (error !== null) {
            console.error(`could not start language host RPC server: ${error.message}`);
            process.exit(1);
        }
        process.stdout.write(`${port}\n`);
    });
    endWithEngine(server, children);
}

/** Ends this host, after its programs, when the engine sends a signal or dies. */
function endWithEngine(server: Server, children: Children): void {
    let ending = false;
    const end = () => {
        if (!ending) {
            ending = true;
            children.interruptAll().then(() => {
                server.forceShutdown();
                process.exit(0);
            });
        }
    };
    process.on("SIGINT", end).on("SIGTERM", end).on("SIGHUP", end);
    process.on("exit", () => children.killAll());
    // A killed engine sends no signal, but its children get another parent.
    const engine = process.ppid;
    setInterval(() => {
        if (process.ppid !== engine) {
            end();
        }
    }, parentCheckMs).unref();
    // When the engine is gone, a failed write must not stop this process from ending its programs.
    process.stdout.on("error", end);
    process.stderr.on("error", end);
}

main(process.argv.slice(2));
