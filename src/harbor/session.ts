import type { HttpResponse } from "../http/message";

/**
 * Harbor protects sessions (a `sid` cookie) against cross-site requests: a write must carry the token
 * and the cookie of an earlier answer. Without a session this class stores and sends nothing.
 */
export class CsrfGuard {
    private readonly sessionId: string | undefined;
    private token: string | undefined;
    private cookie: string | undefined;

    constructor(sessionId: string | undefined) {
        this.sessionId = sessionId;
    }

    /** Reads the token from an answer. */
    learn(answer: HttpResponse): void {
        if (!this.sessionId) return;
        const token = answer.headers["x-harbor-csrf-token"];
        if (typeof token !== "string") return;
        const cookies = (answer.headers["set-cookie"] ?? []).map(
            (line) => line.split(";")[0] ?? "",
        );
        const cookie = cookies.find((pair) => pair.includes("csrf"));
        if (cookie === undefined) return;
        this.token = token;
        this.cookie = cookie;
    }

    /** Headers that a write needs. */
    headers(): Record<string, string> {
        if (!this.sessionId || !this.token || !this.cookie) return {};
        return {
            "x-harbor-csrf-token": this.token,
            cookie: `sid=${this.sessionId}; ${this.cookie}`,
        };
    }
}
