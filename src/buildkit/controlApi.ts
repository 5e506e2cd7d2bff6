import { createHash } from "node:crypto";
import type { Address } from "./dial";
import { encode, Message } from "./message";
import { sdkModule } from "./sdkModules";

// Shape: the types of the module that the SDK depends on.
const grpc = sdkModule("@grpc/grpc-js") as typeof import("@grpc/grpc-js");

/** Largest answer that is read, in bytes: progress includes the log of every step. */
const answerBytesMax = 64 * 1024 * 1024;

/** Client for BuildKit's control API, as buildctl uses it. */
export class ControlApi {
    private readonly client: InstanceType<typeof grpc.Client>;
    private readonly address: Address;

    constructor(address: Address) {
        const { target, tls } = address;
        const credentials = tls
            ? grpc.credentials.createSsl(tls.ca, tls.key, tls.cert)
            : grpc.credentials.createInsecure();
        this.address = address;
        this.client = new grpc.Client(target, credentials, {
            "grpc.max_receive_message_length": answerBytesMax,
            // As BuildKit's own client.
            "grpc.enable_http_proxy": 0,
            ...(tls && { "grpc.ssl_target_name_override": tls.servername }),
        });
    }

    /** Whether calls can succeed. */
    get isOpen(): boolean {
        return this.address.fault() === "";
    }

    /**
     * Calls a method that answers with a stream, and returns all messages of the stream.
     *
     * @throws Error with the status of BuildKit, without a connection, and after `timeoutMs`.
     */
    call(method: string, request: Buffer, timeoutMs: number): Promise<readonly Message[]> {
        return this.stream(`moby.buildkit.v1.Control/${method}`, request, timeoutMs);
    }

    /** Reads what BuildKit stores under a digest. @throws Error like {@link call}, and for other content. */
    async read(digest: string, timeoutMs: number): Promise<Buffer> {
        // Fields of containerd's `ReadContentRequest` and `ReadContentResponse`.
        const method = "containerd.services.content.v1.Content/Read";
        const answers = await this.stream(method, encode({ 1: digest }), timeoutMs);
        const content = Buffer.concat(answers.map((answer) => answer.bytes(2)));
        const made = `sha256:${createHash("sha256").update(content).digest("hex")}`;
        if (made !== digest) throw new Error(`the content of ${digest} is damaged`);
        return content;
    }

    private stream(
        method: string,
        request: Buffer,
        timeoutMs: number,
    ): Promise<readonly Message[]> {
        return new Promise((resolve, reject) => {
            const found: Message[] = [];
            let bytes = 0;
            const stream = this.client.makeServerStreamRequest(
                `/${method}`,
                (message: Buffer) => message,
                (message: Buffer) => {
                    bytes += message.length;
                    if (bytes <= answerBytesMax) return new Message(message);
                    throw new Error(`the answer exceeds ${answerBytesMax} bytes`);
                },
                request,
                { deadline: Date.now() + timeoutMs },
            );
            stream.on("data", (message: Message) => found.push(message));
            stream.on("end", () => resolve(found));
            stream.on("error", (error) => {
                const isLate = Reflect.get(error, "code") === grpc.status.DEADLINE_EXCEEDED;
                const reason = isLate ? `no answer in ${timeoutMs} ms` : error.message;
                reject(new Error(this.address.fault() || reason));
            });
        });
    }
}
