import { accountFault, RobotRole, robotDaysFault } from "../access/robotPlan";
import type { Given } from "../arguments/row";
import type { Fault } from "../arguments/userError";
import { projectNameFault } from "../harbor/projectName";
import { patternFault } from "../policy/cacheRepositories";
import { countFault, daysFault } from "../policy/retention";
import type {
    ImageProjectArgs,
    ImageProjectCacheArgs,
    ImageProjectCredentialsArgs,
    ImageProjectRetentionArgs,
    ImageProjectSecretsArgs,
} from "./args";

type ProjectGiven = Given<ImageProjectArgs>;

/** The fault of a value for a reason; none for a missing value. */
function faultOf<T>(
    path: string,
    value: T | undefined,
    explain: (value: T) => string | undefined,
): Fault[] {
    const message = value === undefined ? undefined : explain(value);
    return message === undefined ? [] : [{ path, message }];
}

export function nameFaults(path: string, name: string): Fault[] {
    const reason = projectNameFault(name);
    return reason === undefined ? [] : [{ path, message: `"${name}" cannot be used: ${reason}` }];
}

export function patternFaults(path: string, patterns: readonly string[] = []): Fault[] {
    return patterns.flatMap((pattern, at) => faultOf(`${path}[${at}]`, pattern, patternFault));
}

export function retentionFaults(retention: ImageProjectRetentionArgs = {}): Fault[] {
    const { cacheDays, images: { days, count, tags } = {} } = retention;
    const images = "retention.images";
    return [
        ...faultOf("retention.cacheDays", cacheDays, (one) => daysFault(one, { forEver: true })),
        ...faultOf(`${images}.days`, days, (one) => daysFault(one, { forEver: false })),
        ...faultOf(`${images}.count`, count, countFault),
        ...patternFaults(`${images}.tags`, tags),
    ];
}

export function cacheFaults(
    { project, storageQuota, import: id }: ImageProjectCacheArgs = {},
    { args: { name } }: ProjectGiven,
): Fault[] {
    const path = "cache.project";
    const same = `"${project}" is the images' project; use another name, or remove it to keep caches there`;
    if (project !== undefined) {
        return project === name ? [{ path, message: same }] : nameFaults(path, project);
    }
    const quota =
        "limits a project for caches only, and the images' project holds the caches; " +
        "set cache.project, or remove cache.storageQuota";
    const nameless = "does not name the project to import; set cache.project as well";
    return [
        ...faultOf("cache.storageQuota", storageQuota, () => quota),
        ...faultOf("cache.import", id, () => nameless),
    ];
}

export function credentialFaults(
    credentials: ImageProjectCredentialsArgs = {},
    { args: { name, cache } }: ProjectGiven,
): Fault[] {
    const everywhere = [name, ...(cache?.project === undefined ? [] : [cache.project])];
    return Object.values(RobotRole).flatMap((role) => {
        const projects = role === RobotRole.Pull ? [name] : everywhere;
        return faultOf(`credentials.${role}.username`, credentials[role]?.username, (username) =>
            typeof username === "string" ? accountFault(username, projects) : undefined,
        );
    });
}

export function secretFaults(
    secrets: ImageProjectSecretsArgs = {},
    { args: { cache, credentials = {} } }: ProjectGiven,
): Fault[] {
    const needless =
        "applies to no account: the images' project holds the caches, so the account for clusters (pull) also reads the caches; set secrets.pull instead";
    return Object.values(RobotRole).flatMap((role) => {
        const path = `secrets.${role}`;
        const replaced = `is the password of a robot account that credentials.${role} replaces; set only one of the two`;
        const isNeedless = role === RobotRole.Read && cache?.project === undefined;
        return [
            ...faultOf(path, secrets[role], () => credentials[role] && replaced),
            ...faultOf(path, secrets[role], () => (isNeedless ? needless : undefined)),
        ];
    });
}

export function robotFaults(days: ImageProjectArgs["robotDays"]): Fault[] {
    return faultOf("robotDays", days, (one) =>
        typeof one === "number" ? robotDaysFault(one) : undefined,
    );
}
