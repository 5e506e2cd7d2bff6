import type { Lanes } from "./lanes";
import type { Tools } from "./toolset";

/** A piece that is installed on the machine. */
export interface MachineFind {
    readonly version: string;
    readonly tools: Partial<Tools>;
}

/** What the build of a piece gets. */
export interface BuildContext {
    /** Folder to fill. */
    readonly folder: string;
    /** File for the output of commands. */
    readonly log: string;
    readonly signal: AbortSignal;
    readonly lanes: Lanes;
    /** Folder of a piece that this piece needs. */
    folderOf(piece: Piece): Promise<string>;
    /** Reports the current activity. */
    phase(doing: string): void;
}

/** One kind of entry of the toolchain's cache: how to find it, and how to build it. */
export interface Piece {
    readonly name: string;
    /** Name and version, for users. */
    readonly title: string;
    readonly version: string;
    /** Tools that the piece contains. */
    readonly provides: readonly (keyof Tools)[];
    /** The only command that needs the piece, such as `npm run bench`. @default any command may need it */
    readonly onlyFor?: string;
    /** Processor time of the build with an empty Go cache, in seconds. @default next to none */
    readonly processorSeconds?: number | undefined;
    /** What to install on the machine so that the piece is not built. */
    readonly instead?: string | undefined;
    /** Pieces that the build reads; they are built only when this piece is built. */
    readonly needs?: readonly Piece[];
    /** Pieces to wait for when the same run builds them, because they fill caches that this build uses. */
    readonly after?: readonly string[];
    /** The machine's own installation, if that suffices. */
    findOnMachine?(): Promise<MachineFind | undefined>;
    /** Everything that determines the result of the build. */
    determinants(): Promise<unknown>;
    /** Why this machine cannot build the piece, and what to do; undefined when it can. */
    obstacle(): Promise<string | undefined>;
    build(context: BuildContext): Promise<void>;
    /** The piece's tools, in the folder of an entry. */
    toolsIn(folder: string): Partial<Tools>;
    /** Version of the content of an entry's folder, when that version is not pinned. */
    versionIn?(folder: string): Promise<string>;
    /** Folders that the build writes to in addition to the cache, by name, for error messages. */
    folders?(): Promise<Readonly<Record<string, string>>>;
    /** Where the downloads come from, for error messages. */
    origin(): Promise<string>;
}
