import type { SigningKey } from "../registry/signingKey";
import type { Upstream } from "../registry/upstream";
import type { Logins } from "./account";
import type { Settings } from "./settings";
import type { Store } from "./store";

/** Services that the handlers of one server share. */
export interface Services {
    readonly store: Store;
    /** Folder of the server's data. */
    readonly dataDir: string;
    readonly settings: Settings;
    readonly logins: Logins;
    readonly signingKey: SigningKey;
    /** The real registry behind `/v2/`; undefined without one. */
    readonly upstream: Upstream | undefined;
    /** Harbor's external URL, such as `https://127.0.0.1:8443`. */
    readonly externalUrl: () => string;
    /**
     * Whether the server is closed; work that continues after an answer must then not use the
     * store.
     */
    readonly isClosed: () => boolean;
    readonly log: (line: string) => void;
}
