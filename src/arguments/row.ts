import { ofMembers, type Shape, valueFaults } from "./shape";
import type { Fault } from "./userError";

/**
 * The specification of one argument of a component, apart from its documentation: its type, its
 * checks, and what the state shows of it.
 */
export interface Row<Value, Args> {
    /** Type of the value, of its members and of its items. */
    readonly shape: Shape;
    /** Finds what is wrong with a value of the right type; also called for a missing value. */
    check?(value: Value | undefined, given: Given<Args>): readonly Fault[];
    /** What the state shows of a value; undefined hides it. @default the value */
    shown?(value: Value): unknown;
}

/** What the check of an argument can compare the value with. */
export interface Given<Args> {
    /** Logical name of the component. */
    readonly name: string;
    readonly args: Args;
}

/** The rows of a component's arguments, by name. */
export type Rows<Args> = Readonly<Record<string, Row<unknown, Args>>>;

/** The type of all arguments together. */
export function shapeOf<Args extends object>(rows: Rows<Args>): Shape {
    return ofMembers(
        Object.fromEntries(Object.entries(rows).map(([name, { shape }]) => [name, shape])),
    );
}

/** Every value that is not allowed, and every fault that the checks find, in the order of the rows. */
export function faultsOf<Args extends object>(
    rows: Rows<Args>,
    given: Given<Args>,
): readonly Fault[] {
    const checked = Object.entries(rows).flatMap(
        ([name, row]) => row.check?.(argumentOf(given.args, name), given) ?? [],
    );
    return [...valueFaults(shapeOf(rows), given.args), ...checked];
}

/** The arguments as the state shows them. */
export function shownOf<Args extends object>(
    rows: Rows<Args>,
    args: Args,
): Readonly<Record<string, unknown>> {
    const all = Object.entries(rows).map(([name, row]) => {
        const value = argumentOf(args, name);
        return [name, value === undefined || !row.shown ? value : row.shown(value)] as const;
    });
    return Object.fromEntries(all.filter(([, value]) => value !== undefined));
}

/** The value of an argument; undefined when it is missing. */
export function argumentOf(args: object, name: string): unknown {
    return Reflect.get(args, name);
}
