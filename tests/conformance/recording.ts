import { readFileSync } from "node:fs";
import { join } from "node:path";

/** The account of a request, with its own password unless the recording used another. */
interface Sender {
    readonly as?: string | null;
    readonly password?: "wrong" | "old";
}

/** A registry token: fetched for the account and scopes, or stored by an earlier step. */
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

/**
 * An answer that a real Harbor gave. Double braces mark values that differ between servers.
 */
interface Expectation {
    readonly status: number;
    readonly headers?: Readonly<Record<string, string>>;
    readonly json?: unknown;
    readonly text?: string;
    readonly bytes?: number;
    readonly empty?: true;
    /** Whether the order of the lists in `json` changes. */
    readonly anyOrder?: true;
    /** An object with values of the whole Harbor: its fields and their types. */
    readonly types?: Readonly<Record<string, string>>;
    /** A list of resources of the whole Harbor: only the fields of every item, and their types. */
    readonly list?: Readonly<Record<string, string>>;
    readonly token?: {
        readonly subject: string | null;
        readonly access: readonly { type: string; name: string; actions: string[] }[] | null;
    };
}

/** A value of the answer that later steps use. */
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
    /** The step changes the whole Harbor and runs only against the sandbox. */
    readonly system?: true;
    /** Only a system administrator gets this answer; other accounts skip the step. */
    readonly needsSystemRights?: true;
    readonly expect: Expectation;
}

/** Something that existed before the recording and must exist before the replay. */
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

/** A blob of the recording: only its size and purpose are recorded. */
export interface RecordedBlob {
    readonly bytes: number;
    readonly config?: true;
    readonly text?: string;
}

export interface Recording {
    readonly source: string;
    /** Names that the recording created; every run replaces them by unique names. */
    readonly names: readonly string[];
    readonly blobs?: Readonly<Record<string, RecordedBlob>>;
    readonly steps: readonly Step[];
    readonly notReplayed: readonly { readonly name: string; readonly reason: string }[];
}

/** Reads a trimmed recording from tests/recordings. */
export function readRecording(name: string): Recording {
    const file = join(__dirname, "..", "recordings", `${name}.json`);
    // The files are committed with this code in this shape; otherwise the suite fails.
    return JSON.parse(readFileSync(file, "utf8")) as Recording;
}
