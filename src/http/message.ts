import type { IncomingHttpHeaders } from "node:http";

/** One complete HTTP request. */
export interface HttpRequest {
    readonly method: string;
    readonly url: URL;
    readonly headers: Readonly<Record<string, string>>;
    readonly body?: string | undefined;
    /** Stops the request before the answer arrives. */
    readonly signal?: AbortSignal | undefined;
}

/** One complete HTTP answer. */
export interface HttpResponse {
    readonly status: number;
    readonly headers: IncomingHttpHeaders;
    readonly body: string;
}
