import type { Given } from "../arguments/row";
import type { Fault } from "../arguments/userError";
import { normalizePlatform } from "../oci/platform";
import type { CachedImageArgs } from "./args";

/** The builder of the images for one platform; undefined if the arguments name none. */
export function builderOf(
    { builder, platformBuilders = {} }: Pick<CachedImageArgs, "builder" | "platformBuilders">,
    platform: string | undefined,
): string | undefined {
    const [, name] =
        Object.entries(platformBuilders).find(([key]) => normalizePlatform(key) === platform) ?? [];
    return name ?? builder;
}

/** Why no builder has the name in `builder`. */
export function builderFaults(name: string | undefined): Fault[] {
    return name === undefined ? [] : nameFaults("builder", name);
}

/** Why the builders of single platforms cannot be used. */
export function platformBuilderFaults(
    builders: Readonly<Record<string, string>> = {},
    { args: { platforms = [] } }: Given<CachedImageArgs>,
): Fault[] {
    const built = platforms.map(normalizePlatform);
    const message = "not one of the platforms; add it to platforms, or remove its builder";
    return Object.entries(builders).flatMap(([platform, name]) => {
        const path = `platformBuilders["${platform}"]`;
        return built.includes(normalizePlatform(platform))
            ? nameFaults(path, name)
            : [{ path, message }];
    });
}

/** Names as buildx 0.35 accepts them (store/util.go, ValidateName). */
function nameFaults(path: string, name: string): Fault[] {
    const message =
        `"${name}" is not a valid builder name. Expected a letter, then letters, digits, ".", "-" ` +
        'and "_". `docker buildx ls` lists the builders.';
    return /^[a-z][a-z0-9.\-_]*$/i.test(name) ? [] : [{ path, message }];
}
