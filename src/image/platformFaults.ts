import { types } from "@pulumi/docker-build";
import type { Given } from "../arguments/row";
import type { Fault } from "../arguments/userError";
import { normalizePlatform } from "../oci/platform";
import { nearest } from "../text/nearest";
import type { CachedImageArgs } from "./args";

const knownPlatforms: readonly string[] = Object.values(types.enums.Platform);

/** Why the platforms cannot be built. */
export function platformFaults(
    platforms: readonly string[] | undefined,
    { args: { project } }: Given<CachedImageArgs>,
): Fault[] {
    if (platforms?.length === 0) {
        const message = "empty; remove it to build for the platform of the builder";
        return [{ path: "platforms", message }];
    }
    const normal = (platforms ?? []).map(normalizePlatform);
    const faults = (platforms ?? []).flatMap((platform, index) => {
        const first = normal.indexOf(normalizePlatform(platform));
        const other = platforms?.[first];
        const same =
            other === platform
                ? `"${platform}" is a duplicate; remove it`
                : `"${platform}" is the same platform as "${other}"; remove one of the two`;
        const message = first === index ? platformFault(platform) : same;
        return message === undefined ? [] : [{ path: `platforms[${index}]`, message }];
    });
    if (faults.length > 0 || !project.contentTrust || normal.length < 2) {
        return faults;
    }
    const message =
        `${normal.length} platforms in the project "${project.name}" with content trust; expected one, ` +
        "because docker-build reads their index before it can be signed. " +
        "Fix: declare a component for each platform, with its own image, or use a project without content trust";
    return [{ path: "platforms", message }];
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
