import { RequestError, RequestErrorKind } from "../http/error";
import { notHarbor } from "../http/fault";
import type { HttpRequest, HttpResponse } from "../http/message";

/** A successful answer. */
export interface Answer {
    /** The parsed body; undefined when the body is empty. */
    readonly body: unknown;
    readonly location: string | undefined;
    /** Harbor's time, in milliseconds since 1970; undefined without a `Date` header. */
    readonly serverTimeMs: number | undefined;
    readonly total: number | undefined;
}

/** Reads a successful answer. @throws RequestError when the body is not JSON. */
export function parseAnswer(request: HttpRequest, answer: HttpResponse): Answer {
    const date = Date.parse(answer.headers.date ?? "");
    const total = answer.headers["x-total-count"];
    return {
        body: parseBody(request, answer),
        location: answer.headers.location,
        serverTimeMs: Number.isNaN(date) ? undefined : date,
        total: typeof total === "string" && /^\d+$/.test(total) ? Number(total) : undefined,
    };
}

function parseBody(request: HttpRequest, answer: HttpResponse): unknown {
    if (answer.body.trim() === "") return undefined;
    try {
        return JSON.parse(answer.body);
    } catch (cause) {
        if (/^\s*<(!doctype|html)/i.test(answer.body)) {
            throw notHarbor(request, "it answered with a web page", { ambiguous: true, cause });
        }
        throw new RequestError({
            kind: RequestErrorKind.Protocol,
            reason: "the answer is not complete JSON",
            method: request.method,
            url: request.url.href,
            ambiguous: true,
            cause,
        });
    }
}
