import { readFile } from "node:fs/promises";
import { hasStack, stackFile } from "./stack";
import type { Workspace } from "./workspace";

/** The members of Pulumi's state that this file reads. */
interface State {
    readonly checkpoint?: { readonly latest?: { readonly resources?: readonly Resource[] } };
}

interface Resource {
    readonly type: string;
    readonly id?: string;
    readonly outputs?: { readonly name?: unknown; readonly fullName?: unknown };
}

/** Types of the Harbor provider that exist in Harbor, with their names for users. */
const kinds: Readonly<Record<string, string>> = {
    "harbor:index/project:Project": "project",
    "harbor:index/robotAccount:RobotAccount": "robot account",
};

/** Whether the stack is known to have no resources, without asking Pulumi. */
export async function isEmptyStack(workspace: Workspace): Promise<boolean> {
    return (await resourcesOf(workspace))?.length === 0;
}

/**
 * Lists the stack's resources in Harbor, one per line, from the state and without Pulumi; undefined
 * when the state is not in files.
 */
export async function leftovers(workspace: Workspace): Promise<string[] | undefined> {
    return (await resourcesOf(workspace))?.flatMap(({ type, id, outputs }) => {
        const kind = kinds[type];
        const name = outputs?.fullName ?? outputs?.name;
        return kind === undefined ? [] : [`${kind} ${JSON.stringify(name)} (${id})`];
    });
}

async function resourcesOf(workspace: Workspace): Promise<readonly Resource[] | undefined> {
    const file = stackFile(workspace);
    if (file === undefined || !hasStack(workspace)) {
        return file === undefined ? undefined : [];
    }
    // Written by Pulumi alone, in this shape (version 3 of its deployments).
    const state = JSON.parse(await readFile(file, "utf8")) as State;
    return state.checkpoint?.latest?.resources ?? [];
}
