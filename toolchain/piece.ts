import type { Lanes } from "./lanes";
import type { Tools } from "./toolset";

/** A piece that the machine has of its own. */
export interface MachineFind {
    readonly version: string;
    readonly tools: Partial<Tools>;
}

/** What a piece is given to be made. */
export interface BuildContext {
    /** Folder to fill. */
    readonly folder: string;
    /** File for what commands print. */
    readonly log: string;
    readonly signal: AbortSignal;
    readonly lanes: Lanes;
    /** Folder of a needed piece. */
    folderOf(piece: Piece): Promise<string>;
    /** Tells what is being done now. */
    phase(doing: string): void;
}

/** One entry of the toolchain's cache: how it is found, and how it is made. */
export interface Piece {
    readonly name: string;
    /** For people: name and version. */
    readonly title: string;
    readonly version: string;
    /** Tools that it brings. */
    readonly provides: readonly (keyof Tools)[];
    /** The one command that asks for it, such as `npm run bench`. @default every command may */
    readonly onlyFor?: string;
    /** Pieces that its build reads; they are made only when it is. */
    readonly needs?: readonly Piece[];
    /** Pieces worth waiting for when they are made in the same run: they fill caches it uses. */
    readonly after?: readonly string[];
    /** What the machine has, if it will do. */
    findOnMachine?(): Promise<MachineFind | undefined>;
    /** Everything of which another value would make another result. */
    determinants(): Promise<unknown>;
    /** Why it cannot be made here, and what to do about it; undefined when it can. */
    obstacle(): Promise<string | undefined>;
    build(context: BuildContext): Promise<void>;
    /** Its tools, in the folder of its entry. */
    toolsIn(folder: string): Partial<Tools>;
    /** Version of what the entry's folder holds, where that is not pinned. */
    versionIn?(folder: string): Promise<string>;
    /** Folders that its build writes to beside the cache, by name, for error messages. */
    folders?(): Promise<Readonly<Record<string, string>>>;
    /** Where its downloads come from, for error messages. */
    origin(): Promise<string>;
}
