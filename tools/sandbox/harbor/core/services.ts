import type { SigningKey } from "../registry/signingKey";
import type { Upstream } from "../registry/upstream";
import type { Logins } from "./account";
import type { Settings } from "./settings";
import type { Store } from "./store";

/** What the handlers of one server share. */
export interface Services {
    readonly store: Store;
    /** Folder in which the server keeps its data. */
    readonly dataDir: string;
    readonly settings: Settings;
    readonly logins: Logins;
    readonly signingKey: SigningKey;
    /** The real registry behind `/v2/`; undefined when there is none. */
    readonly upstream: Upstream | undefined;
    /** Base of the URLs Harbor says of itself, such as `https://127.0.0.1:8443`. */
    readonly externalUrl: () => string;
    /** Whether the server was closed; what goes on behind an answer must not touch the store then. */
    readonly isClosed: () => boolean;
    readonly log: (line: string) => void;
}
