/** Kind of the fault that ended a build. */
export const BuildFaultKind = {
    /** May pass soon: the same build can succeed unchanged. */
    Temporary: "temporary",
    /** The registry refused, and will refuse again. */
    Refused: "refused",
    /** The registry rejected the login, perhaps only because a token expired during the build. */
    Unauthorized: "unauthorized",
    /** A fault of the Dockerfile or context, or an unknown one: the error itself explains it best. */
    Own: "own",
} as const;
export type BuildFaultKind = (typeof BuildFaultKind)[keyof typeof BuildFaultKind];

/** A fault of a build, derived from the error text. */
export interface BuildFault {
    readonly kind: BuildFaultKind;
    /** What happened, as a clause: `the registry answered 503 to PUT …`. */
    readonly what: string;
    /** What to do, in full sentences; may be empty. */
    readonly advice: string;
    /** Whether the registry returned only a status: another request may explain it. */
    readonly unexplained?: boolean;
    /** Maximum number of retries, when each of them takes long to fail again. */
    readonly retriesMax?: number;
    /** Whether the fault can pass only if a builder is set up. */
    readonly needsBuilder?: boolean;
}
