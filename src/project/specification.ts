import type * as harbor from "@pulumi/harbor";
import type * as pulumi from "@pulumi/pulumi";
import { argumentOf, faultsOf, shapeOf, shownOf } from "../arguments/row";
import { checkTypes, unknownWarnings } from "../arguments/shape";
import type { Fault } from "../arguments/userError";
import type { ImageProjectArgs } from "./args";
import { imageProjectRows, type ProjectRow } from "./rows";

const rows: readonly (readonly [string, ProjectRow<unknown>])[] = Object.entries(imageProjectRows);

/** Rejects missing arguments and wrong types. @throws UserError with every fault. */
export function checkProjectTypes(name: string, args: unknown): void {
    checkTypes(`ImageProject "${name}"`, shapeOf(imageProjectRows), args);
}

/** A warning for every argument that does not exist. */
export function unknownProjectArguments(args: unknown): readonly string[] {
    return unknownWarnings(shapeOf(imageProjectRows), args);
}

/** Every fault of the arguments. */
export function argumentFaults(args: ImageProjectArgs): readonly Fault[] {
    const declaring = args.existing ? declaringPaths(args) : [];
    return [
        ...faultsOf(imageProjectRows, { name: args.name, args }),
        ...declaring.map((path) => ({ path, message: leftToOthers })),
    ];
}

const leftToOthers =
    "can be set only by the stack that declares the project, and existing: true means that a " +
    "different stack does; remove one of the two. If this component declared the project until now, " +
    "first remove retainImages and run pulumi up";

/** The given arguments that only the stack that declares the project can set. */
function declaringPaths(args: ImageProjectArgs): readonly string[] {
    return rows.flatMap(([name, { declaring = [] }]) => {
        const value = argumentOf(args, name);
        if (declaring === true) {
            return value === undefined ? [] : [name];
        }
        const given = declaring.filter((member) => argumentOf(Object(value), member) !== undefined);
        return given.map((member) => `${name}.${member}`);
    });
}

/** The arguments as the state shows them. */
export function visibleInputs(args: ImageProjectArgs): pulumi.Inputs {
    const { credentials: accounts = {}, secrets = [], ...others } = shownOf(imageProjectRows, args);
    return { ...others, accounts, secrets };
}

/** The arguments that are inputs of Harbor's project. */
export function passedInputs(args: ImageProjectArgs): Partial<harbor.ProjectArgs> {
    const passed = rows.filter(([, row]) => row.passed);
    return Object.fromEntries(passed.map(([name]) => [name, argumentOf(args, name)]));
}
