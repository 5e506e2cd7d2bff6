import type * as pulumi from "@pulumi/pulumi";
import type { Fault } from "../arguments/userError";
import { hasEngine, PerRun, servesOtherLanguage } from "../engine/currentRun";
import type { CachedImagePlan } from "./imagePlan";

/** A component of the run. */
export interface Owner {
    readonly resource: pulumi.Resource;
    readonly name: string;
}

/** The component that owns each cache, each tag and each folder of generated files. */
const owners = new PerRun(() => new Map<string, Owner>());

/** The component that owns a thing: the first one that asked. */
export function ownerOf(thing: string, owner: Owner): Owner {
    const holder = owners.current.get(thing) ?? owner;
    owners.current.set(thing, holder);
    return holder;
}

/**
 * Why a component cannot own its caches and its tags: another component of the run owns them. Each
 * would overwrite the other's caches, saves and images.
 *
 * The second component is rejected instead of getting other references: in programs of other
 * languages the order of components differs between runs, and so would the references.
 */
export function ownershipFaults(owner: Owner, plan: CachedImagePlan): readonly Fault[] {
    // Unit tests declare a component again in each test.
    if (!hasEngine()) {
        return [];
    }
    const { registry, project, image, cache, references, builds } = plan;
    const writesCache = builds.some(
        ({ app, appCache, builderImages }) =>
            (appCache ?? app).cache.registryRef !== undefined || builderImages.length > 0,
    );
    /** The other component that owns the first of these things that is taken. */
    const claim = (...things: readonly string[]): string | undefined => {
        for (const thing of things) {
            const holder = ownerOf(thing, owner);
            if (holder.resource !== owner.resource) return `CachedImage "${holder.name}"`;
        }
        return undefined;
    };
    const place = `${registry}/${cache.repository}`;
    const sharing = writesCache ? claim(JSON.stringify(["cache", place, cache.scope])) : undefined;
    const fix =
        "Expected one component for each image and cache scope. Fix: set another image, or another " +
        "cache.scope that contains the stack's name, for one of them";
    // In a program in Node.js, the order of components is known, and each gets a folder of its own.
    const beside = servesOtherLanguage()
        ? claim(JSON.stringify(["image", registry, project, image, cache.scope]))
        : undefined;
    const message =
        sharing === undefined
            ? `"${image}" with the cache scope "${cache.scope}" is also the image of ${beside}: their generated files would be in one folder. ${fix}`
            : `"${image}" has the same cache as ${sharing}: ${place}, scope "${cache.scope}". Each would overwrite the other's. ${fix}`;
    // A cache may be in the repository of another component's image.
    const caches =
        sharing === undefined
            ? builds.flatMap(({ app, appCache }) => (appCache ?? app).cache.registryRef ?? [])
            : [];
    const tags = new Set([...references, ...builds.flatMap(({ app }) => app.tags), ...caches]);
    return [
        ...((sharing ?? beside) === undefined ? [] : [{ path: "image", message }]),
        ...[...tags].flatMap((tag): Fault[] => {
            const other = claim(JSON.stringify(["tag", tag]));
            const message = `${other} pushes ${tag} too. Fix: set other tags for one of them`;
            return other === undefined ? [] : [{ path: "tags", message }];
        }),
    ];
}
