/** A refusal in Harbor's form: HTTP status, error code and message, sometimes a detail. */
export class Fault extends Error {
    readonly status: number;
    readonly code: string;
    readonly detail: unknown;
    readonly headers: Readonly<Record<string, string>>;

    constructor(
        status: number,
        code: string,
        message: string,
        more: { detail?: unknown; headers?: Record<string, string> } = {},
    ) {
        super(message);
        this.name = "Fault";
        this.status = status;
        this.code = code;
        this.detail = more.detail;
        this.headers = more.headers ?? {};
    }
}

export const badRequest = (message: string): Fault => new Fault(400, "BAD_REQUEST", message);
export const unauthorized = (message = "unauthorized"): Fault =>
    new Fault(401, "UNAUTHORIZED", message);
export const forbidden = (message = "forbidden"): Fault => new Fault(403, "FORBIDDEN", message);
export const denied = (message: string): Fault => new Fault(403, "DENIED", message);
export const notFound = (message: string): Fault => new Fault(404, "NOT_FOUND", message);
export const conflict = (message: string): Fault => new Fault(409, "CONFLICT", message);
export const precondition = (message: string): Fault => new Fault(412, "PRECONDITION", message);

/** Harbor's answer to a request that its API description does not allow. */
export const invalid = (reason: string): Fault =>
    new Fault(422, "UNPROCESSABLE_ENTITY", `validation failure list:\n${reason}`);

/**
 * Harbor's answer when a client's mistake causes an internal error (column too long, nil pointer
 * …).
 */
export const internal = (): Fault => new Fault(500, "UNKNOWN", "internal server error");

/**
 * The answer for features of Harbor that the sandbox does not implement. The sandbox never guesses.
 */
export const unsupported = (what: string): Fault =>
    new Fault(
        501,
        "UNSUPPORTED",
        `the sandbox does not do this: ${what}; use a real Harbor for it`,
    );

/** The error list in the format of the API. */
export function faultBody(fault: Fault): string {
    const entry = {
        code: fault.code,
        message: fault.message,
        ...(fault.detail === undefined ? {} : { detail: fault.detail }),
    };
    return `${JSON.stringify({ errors: [entry] })}\n`;
}
