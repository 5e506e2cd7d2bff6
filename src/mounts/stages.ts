import { restoreSignal, saveSignal } from "./outcome";

/** A cache mount whose content is kept in the registry between builds. */
export interface CarriedMount {
    /** Identifies the mount in names of stages: ten hexadecimal digits. */
    readonly key: string;
    /** The mount's id in the Dockerfile, for messages. */
    readonly id: string;
    /** Its id in the slice. */
    readonly name: string;
    /** Its options without the target: `type=cache,id=/root/.cache/go-build`. */
    readonly options: string;
    /** The image that has the programs to restore and save it: what follows on `FROM`. */
    readonly image: string;
    /** The same image as the Dockerfile names it. */
    readonly base: string;
}

/** Build argument of the build that saves mounts; a new value saves again. */
export const saveTrigger = "HARBOR_BUILD_TRIGGER";

/** Paths in the stages of this file: the last save, the mount, and the notes on saves. */
const saved = "/.harbor-build/a";
const mounted = "/.harbor-build/b";
const notes = "/.harbor-build/c";

/** Where a restore unpacks: in the mount, so that moving the files into place takes no time. */
const unpacked = `${mounted}/.harbor-build`;

/**
 * What the build saves, and the files of a restore. Neither lies at the root: before BuildKit copies or
 * mounts a path of another stage, it reads the whole folder around the path, which took 0.2 s for the
 * root of a Go image (buildkit 0.31.1, cache/contenthash/checksum.go, scanPath).
 */
const output = "/.harbor-build-saved/files";
const restored = "/.harbor-build-restored";

/**
 * A mount is saved again when its size has changed by more than this fraction since the last save, or
 * when that save is older. A smaller change costs the next new builder less time than each build
 * would spend on packing and pushing the whole mount.
 */
const smallChange = { oneIn: 20, ageMaxS: 24 * 60 * 60 };

/** Largest cache mount to save by default, in bytes. */
export const mountBytesMaxDefault = 2 ** 31;

/** Where a build saves mounts. */
export interface SaveTarget {
    /** Identifies the cache among those that save the same mount: hexadecimal digits. */
    readonly name: string;
    /** Names of the caches whose saves serve this cache too, while it has none. */
    readonly fallbacks: readonly string[];
    /** Largest mount to save, in bytes. */
    readonly bytesMax: number;
}

/**
 * Restores an empty mount. Files appear in the mount only when the whole archive is unpacked, so a
 * restore that is killed or finds a damaged archive leaves only a folder, which the next step here
 * removes. Nothing that other builds write to the mount meanwhile is removed or overwritten. If the save is unusable, the step's
 * layer contains a signal. The save's note moves to the builder's notes, so that the build that saves
 * mounts knows what the registry has.
 */
const restoreScript = (mount: CarriedMount): string =>
    [
        `m=${mounted}; f=${saved}/${tarOf(mount)}; t=${unpacked}`,
        `signal() { head -c $1 /dev/urandom > ${restored}/signal; }`,
        `note() { read d n < ${saved}/${mount.key} && [ -n "$n" ] && echo "$n" > ${notes}/$d; }`,
        // With find, which takes 2 s for 200,000 files, and what is left in the shell, which takes 25 s.
        'place() { chown "$(stat -c %u:%g $t)" $m; chmod "$(stat -c %a $t)" $m; cd $t; ' +
            "find . -mindepth 1 -maxdepth 1 -exec mv -n -t $m {} + 2> /dev/null; set --; " +
            'for e in * .[!.]* ..?*; do if [ -e "$e" ] || [ -L "$e" ]; then set -- "$@" "$t/$e"; fi; ' +
            'if [ $# -eq 200 ]; then mv -n "$@" $m; set --; fi; done; ' +
            'if [ $# -gt 0 ]; then mv -n "$@" $m; fi; }',
        'rm -rf $t; if [ -n "$(ls -A $m)" ]; then :; elif [ -f $f ]; then ' +
            `mkdir $t; if tar -C $t -xpf $f; then place; note; else signal ${restoreSignal.damaged}; fi; ` +
            `rm -rf $t; elif [ ! -d ${saved}/${emptyFolder(mount)} ]; then signal ${restoreSignal.foreign}; fi`,
        `: > ${restored}/done`,
    ].join("; ");

/**
 * Packs a mount, unless it has changed little since its last save here. The note of a save is its size
 * in kilobytes and its time. Never fails, since the image is already built. An archive of files that
 * another build changed meanwhile is no save: GNU tar exits with 1, busybox with 0.
 */
function saveScript(mount: CarriedMount, { name, fallbacks, bytesMax }: SaveTarget): string {
    const { key } = mount;
    const signal = (size: number) => `head -c ${size} /dev/urandom > $o/${key}-signal`;
    const { oneIn, ageMaxS } = smallChange;
    return [
        // Without a file BuildKit would create no layer, and the next mount's layer would be taken
        // for this one.
        `m=${mounted}; o=${output}; : > $o/${key}`,
        `if ! command -v tar > /dev/null; then ${signal(saveSignal.noTar)}; exit 0; fi`,
        `rm -rf ${unpacked}; if [ -z "$(ls -A $m)" ]; then exit 0; fi`,
        "k=$(du -sk $m | cut -f1)",
        `if [ "$k" -gt ${Math.ceil(bytesMax / 1024)} ]; then ${signal(saveSignal.tooLarge)}; exit 0; fi`,
        `s=$(date +%s); similar() { read n p < ${notes}/$1 && d=$((k-n)) && ` +
            `[ \${d#-} -le $((n/${oneIn})) ] && [ $((s-p)) -lt $2 ]; }`,
        // In a shell of its own: a note with other text than numbers ends it.
        ...[
            `${name} ${ageMaxS}`,
            // The age does not count: this cache gets the last save of the other one.
            ...fallbacks.map((other) => `${other} $s`),
        ].map((which) => `if (similar ${which}) 2> /dev/null; then exit 0; fi`),
        `t=$o/${tarOf(mount)}; tar -C $m -cf $t .`,
        `if [ $? -ne 0 ] || [ -n "$(find $m -newer $o/${key} -type f 2> /dev/null)" ]; then ` +
            `rm -f $t; ${signal(saveSignal.changing)}; exit 0; fi`,
        `echo "${name} $k $s" > $o/${key}; echo "$k $s" > ${notes}/${name}; exit 0`,
    ].join("; ");
}

/**
 * The archive of a save. Each mount has names of its own: BuildKit puts the files of all mounts into
 * layers on top of each other, and a layer leaves out a file with the size and time of one below.
 */
const tarOf = ({ key }: CarriedMount) => `${key}-$(uname -m).tar`;
/** The folder in place of a save. */
const emptyFolder = ({ key }: CarriedMount) => `harbor-build-${key}`;
const savedStage = ({ key }: CarriedMount) => `harbor-build-saved-${key}`;
// BuildKit's check FromPlatformFlagConstDisallowed accepts a constant platform in a stage whose name
// contains the operating system.
const restoreStage = ({ key }: CarriedMount) => `harbor-build-linux-restore-${key}`;
const saveStage = ({ key }: CarriedMount) => `harbor-build-linux-save-${key}`;

/** What a stage of this file does, and the key of its mount; undefined for a stage of the user. */
export function mountStageOf(name: string) {
    const [, role, key] =
        /^harbor-build-(saved|linux-restore|linux-save)-([0-9a-f]{10})$/.exec(name) ?? [];
    return role === undefined || key === undefined ? undefined : { role, key };
}

/**
 * The flag that makes a RUN wait for the restore of a mount. The file is empty, so it does not
 * change the cache key of the RUN.
 */
export function restoreFlag(mount: CarriedMount): string {
    const { key } = mount;
    return `type=bind,from=${restoreStage(mount)},source=${restored}/done,target=/.harbor-build-${key}`;
}

/**
 * The stages that restore a mount. The first is empty, and its text is constant: the stack's cache
 * gives its step the last save as its result.
 *
 * @param spell spells the keywords as the Dockerfile does
 */
export function restoreStages(
    mount: CarriedMount,
    spell: (keyword: string) => string,
): readonly string[] {
    return [
        ...emptySave(mount),
        `FROM ${mount.image} AS ${restoreStage(mount)}`,
        "USER 0:0",
        `WORKDIR ${restored}`,
        ...run(mount, "restore", restoreScript(mount)),
    ].map((line) => {
        const spelled = line.replace(/^[A-Z]+/, spell);
        return line.startsWith("FROM ") ? spelled.replaceAll(" AS ", spell) : spelled;
    });
}

/**
 * A Dockerfile that saves mounts: one layer each. In its cache, the second input of each RUN is the
 * step that gets the layer as its result (records.ts).
 */
export function saveDockerfile(mounts: readonly CarriedMount[], target: SaveTarget): string {
    const stages = mounts.flatMap((mount) => [
        ...emptySave(mount),
        `FROM ${mount.image} AS ${saveStage(mount)}`,
        "USER 0:0",
        `WORKDIR ${output}`,
        `ARG ${saveTrigger}`,
        ...run(mount, "save", saveScript(mount, target)),
    ]);
    const copies = mounts.map((mount) => `COPY --from=${saveStage(mount)} ${output}/ /`);
    return `${[...stages, "FROM scratch", ...copies].join("\n")}\n`;
}

function emptySave(mount: CarriedMount): readonly string[] {
    return [`FROM scratch AS ${savedStage(mount)}`, `WORKDIR /${emptyFolder(mount)}`];
}

/**
 * A `RUN` whose script is in the shell, because BuildKit's log shows what follows `RUN`. The mount
 * with the notes is also a lock: BuildKit gives it to one step at a time, and takes it back from a step
 * that is killed.
 */
function run(mount: CarriedMount, what: string, script: string): readonly string[] {
    const mounts = [
        `type=bind,from=${savedStage(mount)},target=${saved}`,
        `${mount.options},target=${mounted}`,
        `type=cache,id=harbor-build-${mount.key},sharing=locked,target=${notes}`,
    ];
    const flags = mounts.map((one) => `--mount=${one}`).join(" ");
    return [
        `SHELL ${JSON.stringify(["/bin/sh", "-c", script, "harbor-build"])}`,
        `RUN ${flags} ${what} ${mount.id}`,
    ];
}
