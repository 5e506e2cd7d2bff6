import type { Signer } from "../signing/key";

/** Whose caches a run uses, and who signs those that it writes (docs/adr/0023). */
export interface CacheTrust {
    /** A cache counts when one of these keys has signed it; in PEM format. */
    readonly publicKeys: readonly string[];
    /** Undefined when the run has no private key. */
    readonly signer?: (() => Promise<Signer>) | undefined;
}
