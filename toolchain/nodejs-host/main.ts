import { Server, ServerCredentials } from "@grpc/grpc-js";
import { LanguageRuntimeService } from "@pulumi/pulumi/proto/language_grpc_pb";
import { Children } from "./children";
import { languageRuntime } from "./service";

/** Version of the engine it is made for; set where it is bundled. */
declare const HOST_VERSION: string;

/** As the engine's own limit: stacks' configuration and packages' schemas can be large. */
const messageBytesMax = 400 * 1024 * 1024;
/** How often it is looked whether the engine still lives, in milliseconds. */
const parentCheckMs = 1_000;

/** `pulumi-language-nodejs [FLAGS] ENGINE_ADDRESS`: serves, and prints the port as its first line. */
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

/** Ends on the engine's signal or death, its programs first. */
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
    // A killed engine sends no signal; its children are given to another parent.
    const engine = process.ppid;
    setInterval(() => {
        if (process.ppid !== engine) {
            end();
        }
    }, parentCheckMs).unref();
    // Output to an engine that is gone must not keep this process from ending its programs.
    process.stdout.on("error", end);
    process.stderr.on("error", end);
}

main(process.argv.slice(2));
