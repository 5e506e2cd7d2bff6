/** What kind of fault ended a build. */
export const BuildFaultKind = {
    /** It may be gone in a moment: the same build can succeed unchanged. */
    Passing: "passing",
    /** The registry said no, and will say it again. */
    Refused: "refused",
    /** The registry did not take the login; it may have been a token that ran out meanwhile. */
    Unauthorized: "unauthorized",
    /** The Dockerfile, its context, or something that we do not know: the error itself says most. */
    Own: "own",
} as const;
export type BuildFaultKind = (typeof BuildFaultKind)[keyof typeof BuildFaultKind];

/** A fault of a build, told from its error text. */
export interface BuildFault {
    readonly kind: BuildFaultKind;
    /** What happened, as a clause: `the registry answered 503 to PUT …`. */
    readonly what: string;
    /** What to do about it, in full sentences; empty where there is nothing to add. */
    readonly advice: string;
    /** Whether the registry gave a bare status: asked again, it may say why. */
    readonly unexplained?: boolean;
    /** Whether it can pass only where a builder has been set up. */
    readonly needsBuilder?: boolean;
}
