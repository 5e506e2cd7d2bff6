import type { IncomingHttpHeaders } from "node:http";
import type { Readable } from "node:stream";

/** One complete HTTP request. */
export interface HttpRequest {
    readonly method: string;
    readonly url: URL;
    readonly headers: Readonly<Record<string, string>>;
    /** The text to send, or its source, whose length the headers have. */
    readonly body?: string | Readable | undefined;
    /** Stops the request before the answer arrives. */
    readonly signal?: AbortSignal | undefined;
}

/** One complete HTTP answer. */
export interface HttpResponse {
    readonly status: number;
    readonly headers: IncomingHttpHeaders;
    readonly body: string;
}
