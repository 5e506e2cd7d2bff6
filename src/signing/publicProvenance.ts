import { asRecords } from "../text/lenientJson";
import { publicUrls } from "../text/publicUrls";
import { secretHider } from "../text/secretSpellings";

/** What nobody may read in a provenance. */
export interface BuildSecrets {
    readonly texts: readonly string[];
    /** Build arguments and labels with secret values, as BuildKit names them: `build-arg:TOKEN`. */
    readonly names: readonly string[];
}

/** Measurements, and the ids of SSH agents. */
const leftOut = ["sysUsage", "resourceUsage", "ssh"];
/** Folders on the machine. */
const localFolder = /^(?:vcs:)?localdir:/;
/** The key of a git remote, and a remote that other machines can reach. */
const remoteKey = /^(?:vcs:)?source$/;
const remote = /^(?:https?:|ssh:|git:|[\w.-]+@)/;

/**
 * The parts of BuildKit's provenance that everybody may read who may pull the image: without secrets,
 * without logins and queries in URLs, and without measurements and paths of the machine.
 *
 * @param without names of further parts to leave out
 */
export function publicProvenance(
    predicate: object,
    { texts, names }: BuildSecrets,
    without: readonly string[],
): object {
    const hide = secretHider(texts);
    const dropped = new Set([...leftOut, ...names, ...without]);
    const isPublic = ([key, value]: [string, unknown]) =>
        !dropped.has(key) &&
        !localFolder.test(key) &&
        (typeof value !== "string" || !remoteKey.test(key) || remote.test(value));
    const copy = (value: unknown): unknown => {
        if (typeof value === "string") return hide(publicUrls(value));
        if (Array.isArray(value)) return value.map(copy);
        return typeof value === "object" && value !== null ? copyMembers(value) : value;
    };
    const copyMembers = (value: object): object =>
        Object.fromEntries(
            Object.entries(value)
                .filter(isPublic)
                .map(([key, one]) => [key, copyMember(key, one, copy)]),
        );
    return copyMembers(predicate);
}

function copyMember(key: string, value: unknown, copy: (value: unknown) => unknown): unknown {
    switch (key) {
        case "infos":
            // Without how BuildKit read the Dockerfile.
            return asRecords(value).map(({ filename, language, data }) =>
                copy({ filename, language, data }),
            );
        case "data":
            return copyFile(String(value), copy);
        default:
            return copy(value);
    }
}

/** The content of a file, which is in base64: of the Dockerfile, or of a heredoc. */
function copyFile(data: string, copy: (text: string) => unknown): string {
    const text = Buffer.from(data, "base64").toString("utf8");
    const shown = String(copy(text));
    return shown === text ? data : Buffer.from(shown).toString("base64");
}
