import { readFileSync } from "node:fs";
import { join } from "node:path";

/** Who makes a request. The password is that account's own unless the recording used another. */
interface Sender {
    readonly as?: string | null;
    readonly password?: "wrong" | "old";
}

/** A registry token: fetched for the account and scopes, or one kept from an earlier step. */
export interface Bearer extends Sender {
    readonly scopes?: readonly string[];
    readonly keep?: string;
    readonly kept?: string;
    readonly tampered?: boolean;
}

type Body =
    | { readonly json: unknown }
    | { readonly text: string }
    | { readonly bytes: number; readonly digest: string };

/** What a real Harbor answered. Values in double braces stand for what differs between servers. */
interface Expectation {
    readonly status: number;
    readonly headers?: Readonly<Record<string, string>>;
    readonly json?: unknown;
    readonly text?: string;
    readonly bytes?: number;
    readonly empty?: true;
    /** Harbor answers the lists in `json` in an order that changes. */
    readonly anyOrder?: true;
    /** An object whose values are those of the whole Harbor: its fields and their types. */
    readonly types?: Readonly<Record<string, string>>;
    /** A list of things of the whole Harbor: only the fields every item had, and their types. */
    readonly list?: Readonly<Record<string, string>>;
    readonly token?: {
        readonly subject: string | null;
        readonly access: readonly { type: string; name: string; actions: string[] }[] | null;
    };
}

/** A value the answer gives that later steps name. */
interface Capture {
    readonly name: string;
    readonly from: "location" | "upload" | "json";
    readonly path?: readonly (string | number)[];
}

export interface RequestStep extends Sender {
    readonly name: string;
    readonly method: string;
    readonly path: string;
    readonly headers?: Readonly<Record<string, string>>;
    readonly body?: Body;
    readonly bearer?: Bearer;
    readonly capture?: Capture;
    /** It concerns the whole Harbor and is only made against the sandbox. */
    readonly system?: true;
    /** Only a system administrator is answered like this; whoever is none skips it. */
    readonly needsSystemRights?: true;
    readonly expect: Expectation;
}

/** Something the recording took for granted and that has to be there. */
export type SetupStep =
    | { readonly setup: "user"; readonly name: string; readonly recordedId: number }
    | {
          readonly setup: "project";
          readonly name: string;
          readonly as?: string;
          readonly storageLimit?: number;
          readonly recordedId?: number;
      }
    | {
          readonly setup: "robot";
          readonly name: string;
          readonly level: "project" | "system";
          readonly permissions: readonly unknown[];
      }
    | {
          readonly setup: "image";
          readonly repository: string;
          readonly tag: string;
          readonly layerBytes: number;
          readonly recordedDigest?: string;
      }
    | { readonly setup: "blob"; readonly repository: string; readonly digest: string }
    | {
          readonly setup: "manifest" | "upstream";
          readonly repository: string;
          readonly reference: string;
          readonly text: string;
      };

export type Step = RequestStep | SetupStep;

/** A blob of the recording: its bytes were not kept, only their number and what they were for. */
export interface RecordedBlob {
    readonly bytes: number;
    readonly config?: true;
    readonly text?: string;
}

export interface Recording {
    readonly source: string;
    /** Names made in the recording; every run gives them names of its own. */
    readonly names: readonly string[];
    readonly blobs?: Readonly<Record<string, RecordedBlob>>;
    readonly steps: readonly Step[];
    readonly notReplayed: readonly { readonly name: string; readonly reason: string }[];
}

/** Reads a trimmed recording from tests/recordings. */
export function readRecording(name: string): Recording {
    const file = join(__dirname, "..", "recordings", `${name}.json`);
    // The files are committed next to this code and have this shape; the suite fails where not.
    return JSON.parse(readFileSync(file, "utf8")) as Recording;
}
