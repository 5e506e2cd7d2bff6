import * as pulumi from "@pulumi/pulumi";
import { logRegistered } from "../hooks/log";

/** Who can pull the caches in a project of images. */
interface Publication {
    /** Project of the images. */
    readonly project: string;
    /** The given project of the caches; the images' project confirms that the caches belong there. */
    readonly cacheProject: string | undefined;
    readonly isPublic: boolean;
    /** Whether clusters have an account that pulls from the project. */
    readonly hasPullAccount: boolean;
}

/** A warning that others than builds can pull caches; undefined when only builds can. @internal */
export function publicationWarning(request: Publication): string | undefined {
    const { project, cacheProject, isPublic, hasPullAccount } = request;
    if (cacheProject !== undefined || !(isPublic || hasPullAccount)) {
        return undefined;
    }
    const readers = isPublic
        ? `project "${project}" is public, so everyone can pull the caches in it`
        : `the account for clusters can pull the caches in project "${project}"`;
    return (
        `cache.project: ${readers}. Caches contain what builder stages read and write: source code, ` +
        `keys and private modules. Fix: set cache.project to a project for caches, such as ` +
        `"${project}-cache", or to "${project}" to keep the caches there without this warning.`
    );
}

/** Logs the warning once per run and component. */
export function warnOfPublication(
    component: pulumi.ComponentResource,
    { isPublic = false, ...request }: PublicationInputs,
): void {
    void pulumi.output(isPublic).apply((known) => {
        const warning = publicationWarning({ ...request, isPublic: known });
        if (warning !== undefined) logRegistered("warning", warning, component);
    });
}

interface PublicationInputs extends Omit<Publication, "isPublic"> {
    readonly isPublic: pulumi.Input<boolean> | undefined;
}
