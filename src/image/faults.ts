import { types } from "@pulumi/docker-build";
import * as pulumi from "@pulumi/pulumi";
import { accountFault, robotDaysFault } from "../access/robotPlan";
import { valueFaults } from "../arguments/shape";
import type { Fault } from "../arguments/userError";
import { mirrorFault } from "../bases/mirrors";
import { Refusal } from "../dockerfile/failure";
import { checkReference } from "../dockerfile/reference";
import { projectNameFault } from "../harbor/projectName";
import { normalizePlatform, platformSuffix } from "../oci/platform";
import { registryFault, repositoryFault, tagFault, tagLengthMax } from "../oci/reference";
import { nearest } from "../text/nearest";
import type { CachedImageArgs } from "./args";
import { imagesOf } from "./buildSource";
import { cachedImageShape } from "./shape";

const knownPlatforms: readonly string[] = Object.values(types.enums.Platform);

/** Every fault of the arguments that can be found without the Dockerfile. */
export function argumentFaults(name: string, args: CachedImageArgs): Fault[] {
    return [
        ...valueFaults(cachedImageShape, args),
        ...nameFaults(name, args),
        ...scopeFaults(args),
        ...sourceFaults(args),
        ...sshFaults(args),
        ...contextFaults(args),
        ...limitFaults(args),
        ...accountFaults(args),
        ...platformFaults(args),
        ...labelFaults(args),
        ...mirrorFaults(args),
        ...contradictions(args),
    ];
}

function nameFaults(name: string, args: CachedImageArgs): Fault[] {
    const { project, tags = ["latest"] } = args;
    const projectName = projectNameFault(project.name);
    const image = args.image ?? name;
    // Check the longest repository of the component; if the project's name is invalid, only the image's name.
    const repository = projectName === undefined ? `${project.name}/${image}/cache` : image;
    const cacheProject = args.cache?.project;
    const faults = [
        ...unusable("project.name", project.name, projectName),
        ...(cacheProject === undefined
            ? []
            : unusable("cache.project", cacheProject, projectNameFault(cacheProject))),
        ...unusable("image", image, repositoryFault(repository) ?? cacheNameFault(image)),
        ...repeated("tags", tags),
        ...tags.flatMap((tag, index) => unusable(`tags[${index}]`, tag, tagFault(tag))),
        ...platformTagFaults(args),
    ];
    if (tags.length === 0 && !args.tagByContent) {
        faults.push({ path: "tags", message: "empty; expected at least one tag" });
    }
    return faults;
}

/** Checks the tags of the platforms' images: the first tag, followed by the platform. */
function platformTagFaults({
    tags = ["latest"],
    tagByContent,
    platforms = [],
}: CachedImageArgs): Fault[] {
    const [tag] = tags;
    if (tag === undefined || tagFault(tag) !== undefined || tagByContent || platforms.length < 2) {
        return [];
    }
    const suffixes = platforms.map((platform) => platformSuffix(normalizePlatform(platform)));
    const longest = Math.max(...suffixes.map(({ length }) => length));
    const over = tag.length + 1 + longest - tagLengthMax;
    const message =
        `too long (${tag.length} characters). Each platform's image has this tag followed by the ` +
        `platform, and a tag may have ${tagLengthMax} characters. Shorten it by ${over}.`;
    return over > 0 ? [{ path: "tags[0]", message }] : [];
}

/** The duplicates in a list. */
function repeated(path: string, values: readonly string[]): Fault[] {
    return values.flatMap((value, index) =>
        values.indexOf(value) === index
            ? []
            : [
                  {
                      path: `${path}[${index}]`,
                      message: `"${value}" is a duplicate; remove it`,
                  },
              ],
    );
}

/** Rejects the name `cache`: rules for caches, such as retention, match the last name of a repository. */
function cacheNameFault(image: string): string | undefined {
    return /(?:^|\/)cache$/.test(image)
        ? 'repositories whose last name is "cache" hold caches; use another name'
        : undefined;
}

function unusable(path: string, value: string, reason: string | undefined): Fault[] {
    return reason === undefined ? [] : [{ path, message: `"${value}" cannot be used: ${reason}` }];
}

function scopeFaults({ cache = {} }: CachedImageArgs): Fault[] {
    const faults: Fault[] = [];
    const { scope, fallbackScopes = [] } = cache;
    const named = [
        ...(scope === undefined ? [] : [["cache.scope", scope] as const]),
        ...fallbackScopes.map((value, index) => [`cache.fallbackScopes[${index}]`, value] as const),
    ];
    for (const [index, [path, value]] of named.entries()) {
        if (value === "") {
            faults.push({ path, message: 'empty; expected a name such as "main"' });
        } else if (named.slice(0, index).some(([, earlier]) => earlier === value)) {
            faults.push({ path, message: `"${value}" is a duplicate; remove it` });
        }
    }
    return faults;
}

function sourceFaults({ cache = {} }: CachedImageArgs): Fault[] {
    const { sources = [] } = cache;
    const wrong = sources.flatMap((source, index) => {
        const reason = referenceFault(source);
        const message = `${reason}; expected one such as "harbor.example.com/shop/fm/cache:main"`;
        return reason === undefined ? [] : [{ path: `cache.sources[${index}]`, message }];
    });
    return [...wrong, ...repeated("cache.sources", sources)];
}

function contextFaults({ namedContexts = {} }: CachedImageArgs): Fault[] {
    return Object.entries(imagesOf(namedContexts)).flatMap(([name, image]) => {
        const message = referenceFault(image);
        return message === undefined ? [] : [{ path: `namedContexts.${name}`, message }];
    });
}

function limitFaults({ contextLimits = {} }: CachedImageArgs): Fault[] {
    return Object.entries(contextLimits).flatMap(([name, value]) => {
        const path = `contextLimits.${name}`;
        const message = `${value} is not a limit; expected 0 or more, or Infinity for no limit`;
        return typeof value !== "number" || value >= 0 ? [] : [{ path, message }];
    });
}

function sshFaults({ ssh = [] }: CachedImageArgs): Fault[] {
    return repeated(
        "ssh",
        ssh.map(({ id = "default" }) => id),
    );
}

function referenceFault(reference: string): string | undefined {
    try {
        checkReference(reference);
        return undefined;
    } catch (error) {
        if (error instanceof Refusal) {
            return error.message;
        }
        throw error;
    }
}

function accountFaults({ project, credentials, cache, robotDays }: CachedImageArgs): Fault[] {
    const { username } = credentials ?? {};
    const projects = [project.name, cache?.project ?? project.name];
    const account =
        typeof username === "string" ? accountFault(username, [...new Set(projects)]) : undefined;
    const days = typeof robotDays === "number" ? robotDaysFault(robotDays) : undefined;
    const needless =
        credentials !== undefined && robotDays !== undefined
            ? "applies to the component's robot account, which credentials replace; set only one of the two"
            : undefined;
    return [
        ...(account === undefined ? [] : [{ path: "credentials.username", message: account }]),
        ...[needless ?? days].flatMap((message) =>
            message === undefined ? [] : [{ path: "robotDays", message }],
        ),
    ];
}

function platformFaults({ platforms }: CachedImageArgs): Fault[] {
    if (platforms?.length === 0) {
        const message = "empty; remove it to build for the platform of the BuildKit";
        return [{ path: "platforms", message }];
    }
    const normal = (platforms ?? []).map(normalizePlatform);
    return (platforms ?? []).flatMap((platform, index) => {
        const first = normal.indexOf(normalizePlatform(platform));
        const other = platforms?.[first];
        const same =
            other === platform
                ? `"${platform}" is a duplicate; remove it`
                : `"${platform}" is the same platform as "${other}"; remove one of the two`;
        const message = first === index ? platformFault(platform) : same;
        return message === undefined ? [] : [{ path: `platforms[${index}]`, message }];
    });
}

function platformFault(platform: string): string | undefined {
    const [os, architecture, ...variant] = normalizePlatform(platform).split("/");
    const isVariant = variant.length === 0 || /^v\d+(\.\d+)?$/.test(variant.join("/"));
    if (knownPlatforms.includes(`${os}/${architecture}`) && isVariant) {
        return undefined;
    }
    const near = nearest(platform, knownPlatforms);
    const hint = near === undefined ? "" : `; did you mean "${near}"?`;
    return `"${platform}" is not a platform that docker-build knows, such as "linux/amd64"${hint}`;
}

function labelFaults({ labels = {}, buildLabels = {} }: CachedImageArgs): Fault[] {
    // The names in an output are known only when the program runs.
    if (pulumi.Output.isInstance(labels) || pulumi.Output.isInstance(buildLabels)) {
        return [];
    }
    const message = "labels also sets this label; set it in only one of the two";
    return Object.keys(buildLabels)
        .filter((label) => Object.hasOwn(labels, label))
        .map((label) => ({ path: `buildLabels["${label}"]`, message }));
}

function mirrorFaults({ baseImageMirrors = {} }: CachedImageArgs): Fault[] {
    return Object.entries(baseImageMirrors).flatMap(([host, mirror]) => {
        const path = `baseImageMirrors["${host}"]`;
        const noHost = registryFault(host);
        return noHost === undefined
            ? unusable(path, mirror, mirrorFault(mirror))
            : unusable(path, host, noHost);
    });
}

function contradictions(args: CachedImageArgs): Fault[] {
    const { project, retainImages = true } = args;
    const faults: Fault[] = [];
    if (project.existing && !retainImages) {
        const message =
            "false requires a project that this component declares: an existing project may hold " +
            "images of other stacks. Remove retainImages, or remove project.existing";
        faults.push({ path: "retainImages", message });
    }
    if (project.existing && project.import !== undefined) {
        const message =
            "project.existing leaves the project to others, project.import manages it here; set " +
            "only one of the two";
        faults.push({ path: "project.import", message });
    }
    return faults;
}
