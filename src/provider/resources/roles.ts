import { suggestion } from "../../text/nearest";

/** Roles in a project, with Harbor's numbers. */
const roles = {
    projectadmin: 1,
    developer: 2,
    guest: 3,
    maintainer: 4,
    limitedguest: 5,
} as const;

const names = Object.keys(roles);

/** Why a role's name is invalid. Harbor itself accepts any number in an update. */
export function roleRule(value: string): string | undefined {
    if (names.includes(canonicalRole(value))) return undefined;
    return `"${value}" is not a role; expected one of ${names.join(", ")}${suggestion(value, names)}`;
}

/** One spelling for a role. */
export function canonicalRole(value: string): string {
    return value.toLowerCase();
}

/** Harbor's number of a role that passed {@link roleRule}. */
export function toRoleId(value: string): number {
    const id = Object.entries(roles).find(([name]) => name === canonicalRole(value))?.[1];
    if (id === undefined) throw new Error(roleRule(value));
    return id;
}

/** The name of Harbor's number, or the number if it is not a role. */
export function fromRoleId(id: number): string {
    return Object.entries(roles).find(([, number]) => number === id)?.[0] ?? String(id);
}
