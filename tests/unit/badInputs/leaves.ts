import type { Shape } from "../../../src/arguments/shape";
import {
    isList,
    isObject,
    type Properties,
    type PropertyType,
} from "../../../src/provider/property";

/** One value of the arguments or inputs that is not an object or a list itself. */
export interface Leaf<Type> {
    /** `cache.sources[]`, `buildArgs{}` */
    readonly path: string;
    readonly type: Type;
    readonly isRequired: boolean;
}

/** Stands for any key of a map, and is the name of a stage in the Dockerfile. */
const key = "build";

/** The path that a message names for the first item of a leaf. */
export function messagePath(leaf: string): string {
    return leaf.replaceAll("[]", "[0]").replaceAll("{}", `.${key}`);
}

/** Every leaf of a component's arguments. */
export function leavesOfShape(shape: Shape, path = ""): readonly Leaf<Shape>[] {
    if (shape.members !== undefined) {
        return Object.entries(shape.members).flatMap(([name, member]) =>
            leavesOfShape(member, path === "" ? name : `${path}.${name}`),
        );
    }
    if (shape.items !== undefined) {
        return leavesOfShape(shape.items, path + (shape.expected === "a list" ? "[]" : "{}"));
    }
    return [{ path, type: shape, isRequired: shape.example !== undefined }];
}

/** Every leaf of a resource's or a function's inputs. */
export function leavesOfProperties(
    properties: Properties,
    path = "",
): readonly Leaf<PropertyType>[] {
    const settable = Object.entries(properties).filter(([, { outputOnly }]) => !outputOnly);
    return settable.flatMap(([name, { type, required = false }]) =>
        leavesOfType(type, path + name, required),
    );
}

function leavesOfType(
    type: PropertyType,
    path: string,
    isRequired: boolean,
): readonly Leaf<PropertyType>[] {
    if (isList(type)) {
        return leavesOfType(type.list, `${path}[]`, false);
    }
    return isObject(type)
        ? leavesOfProperties(type.properties, `${path}.`)
        : [{ path, type, isRequired }];
}

/** `base` with `value` at a leaf. Objects, lists and maps on the way are made, or kept from `base`. */
export function withLeaf(base: unknown, path: string, value: unknown): unknown {
    const [, step = "", rest = ""] = /^(\[\]|\{\}|\.?\w+)(.*)$/.exec(path) ?? [];
    if (step === "") {
        return value;
    }
    if (step === "[]") {
        return [withLeaf(Array.isArray(base) ? base[0] : undefined, rest, value)];
    }
    const name = step === "{}" ? key : step.replace(".", "");
    const { [name]: member, ...others } = Object(base);
    const changed = withLeaf(member, rest, value);
    return changed === undefined && step !== "{}" ? others : { ...others, [name]: changed };
}
