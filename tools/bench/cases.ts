/** What happens to the sources before a run. */
export type Change = "source" | "finalStage" | "dependency";

/** One row of the benchmark. */
export interface Case {
    readonly name: string;
    readonly title: string;
    /** Whether BuildKit starts empty, as on a new CI runner. Otherwise it has what the previous case left. */
    readonly newRunner: boolean;
    /** @default nothing changed since the previous run */
    readonly change?: Change;
    /** Whether only the first of several images changes. @default all change */
    readonly changesFirst?: boolean;
    /** Whether the state is lost, so that builds start although nothing changed. @default false */
    readonly losesState?: boolean;
}

/** The rows, in the order in which each bout runs them. The first one fills the caches of the others. */
export const cases: readonly Case[] = [
    { name: "cold", title: "nothing cached anywhere", newRunner: true },
    { name: "warm-unchanged", title: "same runner, nothing changed", newRunner: false },
    {
        name: "warm-source",
        title: "same runner, one source file changed",
        newRunner: false,
        change: "source",
    },
    {
        name: "warm-final-stage",
        title: "same runner, one file of the final stage changed",
        newRunner: false,
        change: "finalStage",
    },
    {
        name: "fresh-unchanged",
        title: "new runner, nothing changed, state lost",
        newRunner: true,
        losesState: true,
    },
    {
        name: "fresh-source",
        title: "new runner, one source file changed",
        newRunner: true,
        change: "source",
    },
    {
        name: "fresh-one-source",
        title: "new runner, one source file of one image changed",
        newRunner: true,
        change: "source",
        changesFirst: true,
    },
    {
        name: "fresh-final-stage",
        title: "new runner, one file of the final stage changed",
        newRunner: true,
        change: "finalStage",
    },
    {
        name: "fresh-dependency",
        title: "new runner, one dependency added",
        newRunner: true,
        change: "dependency",
    },
];

/** The cases of these names, and the first case, in groups that share a runner. */
export function groupsOf(names: readonly string[]): readonly (readonly Case[])[] {
    const groups: Case[][] = [];
    for (const item of cases.filter(({ name }, index) => index === 0 || names.includes(name))) {
        const last = groups.at(-1);
        if (item.newRunner || last === undefined) {
            groups.push([item]);
        } else {
            last.push(item);
        }
    }
    return groups;
}
