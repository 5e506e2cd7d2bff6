import { accountFault, RobotRole, robotDaysFault } from "../access/robotPlan";
import { valueFaults } from "../arguments/shape";
import type { Fault } from "../arguments/userError";
import { projectNameFault } from "../harbor/projectName";
import { patternFault } from "../policy/cacheRepositories";
import { countFault, daysFault } from "../policy/retention";
import type { ImageProjectArgs } from "./args";
import { imageProjectShape } from "./shape";

/** Every fault of the arguments. */
export function imageProjectFaults(args: ImageProjectArgs): Fault[] {
    return [
        ...nameFaults(args),
        ...valueFaults(imageProjectShape, args),
        ...patternFaults(args),
        ...retentionFaults(args),
        ...existingFaults(args),
        ...accountFaults(args),
        ...(typeof args.robotDays === "number"
            ? fault("robotDays", robotDaysFault(args.robotDays))
            : []),
    ];
}

function fault(path: string, message: string | undefined): Fault[] {
    return message === undefined ? [] : [{ path, message }];
}

function nameFaults({ name, cache = {} }: ImageProjectArgs): Fault[] {
    const unusable = (path: string, value: string): Fault[] => {
        const reason = projectNameFault(value);
        return fault(path, reason && `"${value}" cannot be used: ${reason}`);
    };
    const { project } = cache;
    if (project === undefined) {
        const path = "cache.storageQuota";
        const message =
            "limits a project for caches only, and the images' project holds the caches; " +
            "set cache.project, or remove cache.storageQuota";
        const imported = cache.import === undefined ? [] : ["cache.import"];
        return [
            ...unusable("name", name),
            ...(cache.storageQuota === undefined ? [] : fault(path, message)),
            ...imported.flatMap((path) =>
                fault(path, "does not name the project to import; set cache.project as well"),
            ),
        ];
    }
    const same = `"${project}" is the images' project; use another name, or remove it to keep caches there`;
    return [
        ...unusable("name", name),
        ...(project === name ? fault("cache.project", same) : unusable("cache.project", project)),
    ];
}

function patternFaults({ immutableTags = [], retention = {} }: ImageProjectArgs): Fault[] {
    const given = [
        ["immutableTags", immutableTags],
        ["retention.images.tags", retention.images?.tags ?? []],
    ] as const;
    return given.flatMap(([path, patterns]) =>
        patterns.flatMap((pattern, index) => fault(`${path}[${index}]`, patternFault(pattern))),
    );
}

function retentionFaults({ retention = {} }: ImageProjectArgs): Fault[] {
    const { cacheDays, images = {} } = retention;
    return [
        ...(cacheDays === undefined
            ? []
            : fault("retention.cacheDays", daysFault(cacheDays, { forEver: true }))),
        ...(images.days === undefined
            ? []
            : fault("retention.images.days", daysFault(images.days, { forEver: false }))),
        ...(images.count === undefined
            ? []
            : fault("retention.images.count", countFault(images.count))),
    ];
}

/** The arguments that only the stack that declares a project can set. */
function existingFaults(args: ImageProjectArgs): Fault[] {
    if (!args.existing) {
        return [];
    }
    const given: Readonly<Record<string, unknown>> = {
        import: args.import,
        public: args.public,
        storageQuota: args.storageQuota,
        vulnerabilityScanning: args.vulnerabilityScanning,
        cveAllowlists: args.cveAllowlists,
        immutableTags: args.immutableTags,
        retention: args.retention,
        "cache.storageQuota": args.cache?.storageQuota,
        "cache.import": args.cache?.import,
        retainImages: args.retainImages,
    };
    return Object.entries(given).flatMap(([path, value]) =>
        value === undefined
            ? []
            : fault(
                  path,
                  "can be set only by the stack that declares the project, and existing: true means that a different stack does; remove one of the two",
              ),
    );
}

function accountFaults({ name, cache, credentials = {}, secrets = {} }: ImageProjectArgs): Fault[] {
    const everywhere = [name, ...(cache?.project === undefined ? [] : [cache.project])];
    return Object.values(RobotRole).flatMap((role) => {
        const account = credentials[role];
        const projects = role === RobotRole.Pull ? [name] : everywhere;
        const isNeedless = role === RobotRole.Read && cache?.project === undefined;
        return [
            ...(typeof account?.username === "string"
                ? fault(`credentials.${role}.username`, accountFault(account.username, projects))
                : []),
            ...(account !== undefined && secrets[role] !== undefined
                ? fault(
                      `secrets.${role}`,
                      `is the password of a robot account that credentials.${role} replaces; set only one of the two`,
                  )
                : []),
            ...(isNeedless && secrets.read !== undefined
                ? fault(
                      "secrets.read",
                      "applies to no account: the images' project holds the caches, so the account for clusters (pull) also reads the caches; set secrets.pull instead",
                  )
                : []),
        ];
    });
}
