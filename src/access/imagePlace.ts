import type { Fault } from "../arguments/userError";
import { sharedRepositoryPrefix } from "../cache/scope";
import { projectNameFault } from "../harbor/projectName";
import { repositoryFault } from "../oci/reference";
import type { PlaceArgs } from "./args";
import { findRegistryHost, type RegistrySources } from "./registryHost";

/** Where an image and its cache are stored. */
export interface ImagePlace {
    /** Host of the registry. */
    readonly registry: string;
    /** Repository of the image: `shop/fm`. */
    readonly repository: string;
    /** Repository of the cache: `shop/fm/cache`. */
    readonly cacheRepository: string;
    /** Repository of the fallback scopes' caches. */
    readonly fallbackRepository: string;
    /** What the cache's tags start with; empty unless a given repository may also have tags of images. */
    readonly cacheTagPrefix: string;
}

/** Decides where an image and its cache are stored, or returns why they cannot be stored there. */
export function placeImage(
    image: string,
    args: PlaceArgs,
    sources: RegistrySources,
): { readonly place: ImagePlace } | { readonly faults: readonly Fault[] } {
    const { project, cache = {}, tags = [], credentials } = args;
    const declaresAccounts = credentials === undefined;
    const host = findRegistryHost(args.registry, { ...sources, declaresAccounts });
    const repository = `${project.name}/${image}`;
    const cacheRepository = cache.repository ?? `${cache.project ?? project.name}/${image}/cache`;
    const fallbackRepository =
        cache.fallbackProject === undefined
            ? cacheRepository
            : `${cache.fallbackProject}/${image}/cache`;
    const isShared = cacheRepository === repository;
    const projectFault = isHarbor(args, sources) ? projectNameFault : repositoryFault;
    const isUsable = projectFault(project.name) === undefined;
    const faults = [
        ...unusable("project.name", project.name, projectFault),
        // The longest repository of the component; only the image's name if the project's is invalid.
        ...unusable("image", image, () =>
            repositoryFault(isUsable ? `${repository}/cache` : image),
        ),
        ...unusable("cache.project", cache.project, projectFault),
        ...unusable("cache.fallbackProject", cache.fallbackProject, projectFault),
        ...unusable("cache.repository", cache.repository, repositoryFault),
        ...cacheRepositoryFaults(args),
        ...(isShared ? tags : []).flatMap((tag, at) => sharedTagFault(tag, at)),
        ...("fault" in host
            ? [host.fault]
            : dockerHubFaults(host.host, repository, cacheRepository, cache.repository)),
    ];
    if (faults.length > 0 || "fault" in host) {
        return { faults };
    }
    const cacheTagPrefix = cache.repository === undefined ? "" : sharedRepositoryPrefix;
    return {
        place: {
            registry: host.host,
            repository,
            cacheRepository,
            fallbackRepository,
            cacheTagPrefix,
        },
    };
}

/**
 * Whether Harbor's rules apply to the registry. They do not if nothing is asked of Harbor: the project
 * exists, the account is given, and the registry is another host than the configured Harbor.
 */
function isHarbor(
    { registry, project, credentials }: PlaceArgs,
    { explicitProvider, configUrl, environmentUrl }: RegistrySources,
): boolean {
    const url = configUrl || environmentUrl || "";
    const host = URL.canParse(url) ? new URL(url).host : undefined;
    const usesNothing = project.existing === true && credentials !== undefined && !explicitProvider;
    return !usesNothing || registry === undefined || registry === host;
}

function cacheRepositoryFaults({ cache = {}, credentials }: PlaceArgs): Fault[] {
    const path = "cache.repository";
    const twice = "names the whole repository; remove cache.project and cache.fallbackProject";
    const noAccount =
        "requires credentials: the component's robot account can push only in the projects of the image and of cache.project";
    if (cache.repository === undefined) return [];
    return [
        ...((cache.project ?? cache.fallbackProject) === undefined
            ? []
            : [{ path, message: twice }]),
        ...(credentials === undefined ? [{ path, message: noAccount }] : []),
    ];
}

function sharedTagFault(tag: string, at: number): Fault[] {
    const message = `"${tag}" cannot be used: cache.repository is the image's repository, where tags that start with "${sharedRepositoryPrefix}" are caches`;
    return tag.startsWith(sharedRepositoryPrefix) ? [{ path: `tags[${at}]`, message }] : [];
}

/** Docker Hub alone is known to have only names of two parts; other registries say it in their answer. */
function dockerHubFaults(
    host: string,
    repository: string,
    cacheRepository: string,
    named: string | undefined,
): Fault[] {
    if (!/^(?:index\.|registry-1\.)?docker\.io$/.test(host) || !/\/.*\//.test(cacheRepository)) {
        return [];
    }
    const given = named === undefined ? "missing" : `"${named}"`;
    const message = `${given}; the cache would be in "${cacheRepository}", and Docker Hub has only names of two parts. Expected one such as "${repository}-cache"`;
    return [{ path: "cache.repository", message }];
}

function unusable(
    path: string,
    value: string | undefined,
    explain: (value: string) => string | undefined,
): Fault[] {
    const reason = value === undefined ? undefined : explain(value);
    return reason === undefined ? [] : [{ path, message: `"${value}" cannot be used: ${reason}` }];
}
