/** One way to build the example through Harbor. */
export interface Contender {
    /** Key of the contender in the results. */
    readonly name: string;
    /** Heading of the contender's column. */
    readonly title: string;
    /** Prepares a round: an empty Harbor project, the sources and an empty state. */
    open(round: number): Promise<Bout>;
}

/** One contender's part of one round. */
export interface Bout {
    /** Folder of the Go program, which the rounds change. */
    readonly sources: string;
    /** Everything between a change and the pushed image. */
    run(): Promise<void>;
    /** Removes everything that the bout left in Harbor and on this machine. */
    close(): Promise<void>;
}

/** One row of the benchmark. */
export interface Case {
    readonly name: string;
    readonly title: string;
    /** Whether BuildKit's cache is empty, as on a new CI runner. */
    readonly newRunner: boolean;
    /** Whether one source file changed since the previous run. */
    readonly changed: boolean;
}

/** The rows, in the order in which each bout runs them. */
export const cases: readonly Case[] = [
    { name: "cold", title: "nothing cached anywhere", newRunner: true, changed: false },
    {
        name: "same-unchanged",
        title: "same runner, nothing changed",
        newRunner: false,
        changed: false,
    },
    {
        name: "same-changed",
        title: "same runner, one source file changed",
        newRunner: false,
        changed: true,
    },
    {
        name: "new-unchanged",
        title: "new runner, nothing changed",
        newRunner: true,
        changed: false,
    },
    {
        name: "new-changed",
        title: "new runner, one source file changed",
        newRunner: true,
        changed: true,
    },
];
