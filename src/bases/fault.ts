import { CacheSourceStatus } from "../registry/cacheSource";
import type { DigestAnswer } from "../registry/digest";
import type { BasePin } from "./pins";

/** A registry's answer about a base image to pin. */
export interface BaseAnswer {
    readonly pin: BasePin;
    /** The requested reference: the pin's, or a mirror's. */
    readonly asked: string;
    readonly answer: DigestAnswer;
    /** Whether the account for the pull does not exist yet, so the request had no login. */
    readonly isAccountUnknown: boolean;
}

/** Why a base image cannot be pinned, with what to do; undefined when its digest is known. */
export function digestFault(
    { pin, asked, answer, isAccountUnknown }: BaseAnswer,
    dockerfilePath: string,
): { readonly path: string; readonly message: string } | undefined {
    if ("digest" in answer) {
        return undefined;
    }
    const subject =
        asked === pin.reference
            ? `"${pin.reference}"`
            : `"${pin.reference}", requested as ${asked}`;
    const early = isAccountUnknown
        ? "; the robot account for this registry does not exist before this deployment"
        : "";
    const place = pin.line === undefined ? "" : `${dockerfilePath}: line ${pin.line}: `;
    const message =
        `${place}cannot find the digest of ${subject}: ` +
        `${answer.reason}${early}. ${remedy(answer.status)}, or use BaseImagePolicy.Float`;
    return {
        path: pin.line === undefined ? `namedContexts.${pin.context}` : "baseImages",
        message,
    };
}

function remedy(status: CacheSourceStatus): string {
    switch (status) {
        case CacheSourceStatus.Missing:
            return "Correct its name";
        case CacheSourceStatus.LoginRefused:
        case CacheSourceStatus.Expired:
            return "Log in there again";
        case CacheSourceStatus.Forbidden:
            return "If its name is right, docker login there";
        case CacheSourceStatus.Blocked:
            return "Use an image that the policy allows";
        default:
            return "Try again, name another registry in baseImageMirrors";
    }
}
