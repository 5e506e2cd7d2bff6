/** One way of building the example through Harbor, as the benchmark runs it. */
export interface Contender {
    /** Key in the results. */
    readonly name: string;
    /** Heading of its column. */
    readonly title: string;
    /** Makes what a round starts from: a Harbor project, sources and a state that nothing is in. */
    open(round: number): Promise<Bout>;
}

/** One contender's part of one round. */
export interface Bout {
    /** Folder of the Go program, which the rounds change. */
    readonly sources: string;
    /** Everything between a change and the pushed image. */
    run(): Promise<void>;
    /** Takes away what the bout left in Harbor and on this machine. */
    close(): Promise<void>;
}

/** One row of the benchmark. */
export interface Case {
    readonly name: string;
    readonly title: string;
    /** Whether BuildKit has nothing, as on a new CI runner. */
    readonly newRunner: boolean;
    /** Whether one source file was changed since the run before. */
    readonly changed: boolean;
}

/** The rows, in the order in which each bout goes through them. */
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
