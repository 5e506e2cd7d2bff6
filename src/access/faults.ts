import type { Given } from "../arguments/row";
import type { Fault } from "../arguments/userError";
import type { AccessArgs, CachedImageCredentialsArgs, CachedImageProjectArgs } from "./args";
import { accountFault, robotDaysFault } from "./robotPlan";

type AccessGiven = Given<AccessArgs>;

export function projectFaults({ existing, import: id }: CachedImageProjectArgs): Fault[] {
    const message =
        "project.existing means that someone else manages the project, project.import that this " +
        "program does; set only one of the two";
    return existing && id !== undefined ? [{ path: "project.import", message }] : [];
}

export function credentialFaults(
    credentials: CachedImageCredentialsArgs | undefined,
    { args: { project, cache } }: AccessGiven,
): Fault[] {
    const { username } = credentials ?? {};
    const projects = [...new Set([project.name, cache?.project ?? project.name])];
    const message = typeof username === "string" ? accountFault(username, projects) : undefined;
    return message === undefined ? [] : [{ path: "credentials.username", message }];
}

export function robotFaults(
    days: AccessArgs["robotDays"],
    { args: { credentials } }: AccessGiven,
): Fault[] {
    const message =
        credentials !== undefined && days !== undefined
            ? "applies to the component's robot account, which credentials replace; set only one of the two"
            : typeof days === "number"
              ? robotDaysFault(days)
              : undefined;
    return message === undefined ? [] : [{ path: "robotDays", message }];
}

export function retentionFaults(
    retainImages: boolean | undefined,
    { args: { project } }: AccessGiven,
): Fault[] {
    const message =
        "false requires a project that this component declares: an existing project may hold " +
        "images of other stacks. Remove retainImages, or remove project.existing. If this component " +
        "declared the project until now: remove retainImages, run pulumi up, and then set project.existing";
    return project.existing && retainImages === false ? [{ path: "retainImages", message }] : [];
}
