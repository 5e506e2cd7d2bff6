import { type ClientHttp2Session, connect, constants } from "node:http2";
import { reasonOf } from "../text/reason";
import type { Connection } from "./dial";
import { Message } from "./message";

/** Largest answer that is read, in bytes: progress includes the log of every step. */
const answerBytesMax = 64 * 1024 * 1024;

/**
 * Client for BuildKit's control API, as buildctl uses it: gRPC over one connection
 * (https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md).
 */
export class ControlApi {
    private readonly session: ClientHttp2Session;
    /** Why the connection failed; empty while it is open. */
    private fault = "";

    /** An idle connection lets the process end. */
    constructor({ stream, unref }: Connection) {
        this.session = connect("http://buildkitd", { createConnection: () => stream });
        // The calls report it.
        this.session.on("error", (error) => {
            this.fault = error.message;
        });
        unref();
    }

    /** Whether calls can succeed. */
    get isOpen(): boolean {
        return !this.session.closed && !this.session.destroyed;
    }

    /**
     * Calls a method that answers with a stream, and returns all messages of the stream.
     *
     * @throws Error with the status of BuildKit, without a connection, and after `timeoutMs`.
     */
    call(method: string, request: Buffer, timeoutMs: number): Promise<readonly Message[]> {
        return new Promise((resolve, reject) => {
            const stream = this.session.request({
                [constants.HTTP2_HEADER_METHOD]: "POST",
                [constants.HTTP2_HEADER_PATH]: `/moby.buildkit.v1.Control/${method}`,
                "content-type": "application/grpc",
                te: "trailers",
            });
            const chunks: Buffer[] = [];
            let bytes = 0;
            let fault: string | undefined;
            const settle = ({ "grpc-status": status, "grpc-message": message }: StatusHeaders) => {
                if (status !== undefined) {
                    fault = status === "0" ? "" : `${status} ${message ?? ""}`.trim();
                }
            };
            const give = (reason: string) => {
                fault = reason;
                stream.close(constants.NGHTTP2_CANCEL);
            };
            const timer = setTimeout(() => give(`no answer in ${timeoutMs} ms`), timeoutMs);
            stream.on("response", settle).on("trailers", settle);
            stream.on("data", (chunk: Buffer) => {
                bytes += chunk.length;
                if (bytes > answerBytesMax) give(`the answer exceeds ${answerBytesMax} bytes`);
                else chunks.push(chunk);
            });
            stream.on("error", (error) => {
                // A cancelled call has the connection's error as its cause.
                fault ??= reasonOf(error.cause ?? error);
            });
            stream.on("close", () => {
                clearTimeout(timer);
                if (fault === "") resolve(messages(Buffer.concat(chunks)));
                else reject(new Error(this.fault || fault || "BuildKit closed the connection"));
            });
            stream.end(frame(request));
        });
    }
}

interface StatusHeaders {
    readonly "grpc-status"?: string | string[] | undefined;
    readonly "grpc-message"?: string | string[] | undefined;
}

/** A message with the prefix of gRPC: not compressed, length. */
function frame(message: Buffer): Buffer {
    const prefix = Buffer.alloc(5);
    prefix.writeUInt32BE(message.length, 1);
    return Buffer.concat([prefix, message]);
}

function messages(body: Buffer): readonly Message[] {
    const found: Message[] = [];
    for (let at = 0; at + 5 <= body.length; ) {
        const end = at + 5 + body.readUInt32BE(at + 1);
        found.push(new Message(body.subarray(at + 5, end)));
        at = end;
    }
    return found;
}
