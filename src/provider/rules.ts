import { projectNameFault } from "../harbor/projectName";
import { suggestion } from "../text/nearest";

/** Harbor's rules for values, as in version 2.15.2; each rule returns what is wrong. */

const name = /^[a-z0-9]+(?:[._-][a-z0-9]+)*$/;

/** A project's name: src/server/v2.0/handler/project.go and lib.ProjectNameRegex of Harbor. */
export function projectName(value: string): string | undefined {
    const reason = projectNameFault(value);
    return reason && `"${value}" is not valid in Harbor: ${reason}`;
}

/** A name of lower-case letters and digits with single separators between them. */
export function plainName(value: string): string | undefined {
    if (name.test(value)) return undefined;
    return `"${value}" is not valid in Harbor: lower-case letters and digits, with single ".", "_" or "-" between them`;
}

/** One of `allowed`. */
export function oneOf(...allowed: readonly string[]): (value: string) => string | undefined {
    return (value) => {
        if (allowed.includes(value)) return undefined;
        const list = allowed.map((item) => `"${item}"`).join(", ");
        return `"${value}" is not one of ${list}${suggestion(value, allowed)}`;
    };
}

/** A password or robot secret. */
export function secretStrength(value: string): string | undefined {
    const good =
        value.length >= 8 &&
        value.length <= 128 &&
        /[A-Z]/.test(value) &&
        /[a-z]/.test(value) &&
        /[0-9]/.test(value);
    if (good) return undefined;
    return "is too weak for Harbor: 8 to 128 characters with at least one upper-case letter, one lower-case letter and one digit (the value is not shown)";
}

/** A text of 1 to `max` characters. */
export function textLength(max: number): (value: string) => string | undefined {
    return ({ length }) =>
        length >= 1 && length <= max ? undefined : `has ${length} characters; expected 1 to ${max}`;
}

/** An address that Harbor sends requests to. */
export function httpAddress(value: string): string | undefined {
    return /^https?:\/\/[^/\s]\S*$/.test(value)
        ? undefined
        : `"${value}" is not an address; expected http://… or https://…`;
}

/** A whole number from `min` to `max`. */
export function wholeNumber(min: number, max: number): (value: number) => string | undefined {
    return (value) =>
        Number.isInteger(value) && value >= min && value <= max
            ? undefined
            : `${value} is not a whole number from ${min} to ${max}`;
}
