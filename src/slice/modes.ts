import type { Selection } from "../context/select";
import type { TreeNode } from "../context/treeNode";

/**
 * Which modes an image gets. `usual`: without the effect of a umask, so that neither diffs nor
 * cache depend on it. `exact`: as on this machine.
 */
export type Modes = "usual" | "exact";

/** The modes that a umask makes of one mode in git: at least and at most these bits. */
const plainFiles = { least: 0o644, most: 0o666, usual: 0o644 };
/** Git also stores 0744 as 0755. */
const programs = { least: 0o744, most: 0o777, usual: 0o755 };
const folders = { least: 0o755, most: 0o777, usual: 0o755 };

/**
 * The mode bits that an image gets for an entry. Git stores only whether the owner may execute a
 * file; the umask of a checkout decides who may write. So 0664 counts as 0644, and 0775 as 0755. All
 * other bits are decisions of the user, such as setuid or a file that only its owner may read
 * (docs/adr/0015).
 */
export function imageMode(
    { kind, mode }: Pick<TreeNode, "kind" | "mode">,
    modes: Modes,
    platform: NodeJS.Platform = process.platform,
): number {
    // Windows has no such bits. BuildKit's client sends these for every entry (fsutil, stat.go).
    if (platform === "win32") return 0o755;
    const bits = mode & 0o7777;
    if (modes === "exact") return bits;
    const { least, most, usual } =
        kind === "directory" ? folders : (bits & 0o111) === 0 ? plainFiles : programs;
    return (bits & least) === least && (bits | most) === most ? usual : bits;
}

/** Whether the mode bits of an entry on disk differ from those that an image gets. */
export function hasOtherMode(
    node: Pick<TreeNode, "kind" | "mode">,
    modes: Modes,
    platform: NodeJS.Platform = process.platform,
): boolean {
    if (node.kind === "link" || node.kind === "other" || platform === "win32") return false;
    return (node.mode & 0o7777) !== imageMode(node, modes, platform);
}

/** A remark about a selection whose files all look like a checkout under umask 027 or 077. */
export function umaskNote({ nodes }: Selection, modes: Modes): string | undefined {
    const files = [...nodes].filter(({ kind }) => kind === "file");
    const isShut = files.length > 1 && files.every(({ mode }) => (mode & 0o004) === 0);
    if (!isShut || modes === "exact") return undefined;
    return (
        "other users may not read any file that the build copies, as after a checkout under umask " +
        "027 or 077. The image keeps these modes, so it differs from a build under umask 022. To " +
        'build with the modes of git, run "chmod -R go+rX" in the context'
    );
}
