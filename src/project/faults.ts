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
    ImageProjectReviewsArgs,
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

/** The project for caches only; undefined when the images' project holds the caches. */
export function cacheProjectOf({ name, cache }: ImageProjectArgs): string | undefined {
    return cache?.project === name ? undefined : cache?.project;
}

export function cacheFaults(
    { storageQuota, import: id }: ImageProjectCacheArgs = {},
    { args }: ProjectGiven,
): Fault[] {
    const project = cacheProjectOf(args);
    if (project !== undefined) {
        return nameFaults("cache.project", project);
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

export function reviewFaults(
    reviews: ImageProjectReviewsArgs | undefined,
    { args: { name, cache } }: ProjectGiven,
): Fault[] {
    if (reviews === undefined) {
        return [];
    }
    const { project, days } = reviews;
    const path = "reviews.project";
    const holder = project === name ? "images" : project === cache?.project ? "caches" : undefined;
    const same = `"${project}" is the project of main's ${holder}, to which review stacks could push. Expected a project of its own. Fix: use another name, such as "${name}-reviews"`;
    return [
        ...(holder === undefined ? nameFaults(path, project) : [{ path, message: same }]),
        ...faultOf("reviews.days", days, (one) => daysFault(one, { forEver: false })),
    ];
}

const noReviews = "applies to no account, because reviews is not set; set it as well";

export function credentialFaults(
    credentials: ImageProjectCredentialsArgs = {},
    { args }: ProjectGiven,
): Fault[] {
    const { name, reviews } = args;
    const everywhere = [name, cacheProjectOf(args) ?? []].flat();
    const projectsOf: Readonly<Record<RobotRole, readonly string[]>> = {
        push: everywhere,
        read: everywhere,
        pull: [name],
        review: [...(reviews === undefined ? [] : [reviews.project]), ...everywhere],
    };
    const needless = reviews === undefined ? noReviews : undefined;
    return [
        ...faultOf("credentials.review", credentials.review, () => needless),
        ...Object.values(RobotRole).flatMap((role) =>
            faultOf(`credentials.${role}.username`, credentials[role]?.username, (username) =>
                typeof username === "string" ? accountFault(username, projectsOf[role]) : undefined,
            ),
        ),
    ];
}

export function secretFaults(
    secrets: ImageProjectSecretsArgs = {},
    { args }: ProjectGiven,
): Fault[] {
    const { credentials = {}, reviews } = args;
    const noReader =
        "applies to no account: the images' project holds the caches, so the account for clusters (pull) also reads the caches; set secrets.pull instead";
    const needless: Partial<Record<RobotRole, string | undefined>> = {
        read: cacheProjectOf(args) === undefined ? noReader : undefined,
        review: reviews === undefined ? noReviews : undefined,
    };
    return Object.values(RobotRole).flatMap((role) => {
        const path = `secrets.${role}`;
        const replaced = `is the password of a robot account that credentials.${role} replaces; set only one of the two`;
        return [
            ...faultOf(path, secrets[role], () => credentials[role] && replaced),
            ...faultOf(path, secrets[role], () => needless[role]),
        ];
    });
}

export function robotFaults(days: ImageProjectArgs["robotDays"]): Fault[] {
    return faultOf("robotDays", days, (one) =>
        typeof one === "number" ? robotDaysFault(one) : undefined,
    );
}
