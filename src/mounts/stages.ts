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

/** Where a build saves mounts. */
export interface SaveTarget {
    /** Identifies the cache among those that save the same mount: hexadecimal digits. */
    readonly name: string;
    /** Largest mount to save, in bytes. */
    readonly bytesMax: number;
}

/** Time that a restore waits for another build's restore of the same mount, in seconds. */
const waitMaxS = 120;

/**
 * Restores an empty mount. Other builds on the same builder may restore the same mount, so a
 * directory in the mount serves as a lock. A lock that nobody removes in time is left over from an
 * interrupted restore. If the save is unusable, the mount stays empty, and the step's layer
 * contains a signal. The save's note moves to the builder's notes, so that the build that saves mounts
 * knows what the registry has.
 */
const restoreScript = (mount: CarriedMount): string =>
    [
        `m=${mounted}; f=${saved}/${tarOf(mount)}; l=$m/.harbor-build; n=0`,
        "clear() { rm -rf $m/* $m/.[!.]* $m/..?*; }",
        `signal() { head -c $1 /dev/urandom > ${restored}/signal; }`,
        `note() { read d n < ${saved}/${mount.key} && [ -n "$n" ] && echo "$n" > ${notes}/$d; }`,
        "restore() { mkdir $l || return; if tar -C $m -xpf $f; then note; else clear; signal " +
            `${restoreSignal.damaged}; fi; rm -rf $l; }`,
        `while [ -d $l ] && [ $n -lt ${waitMaxS} ]; do sleep 1; n=$((n+1)); done`,
        "if [ -d $l ]; then clear; fi",
        'if [ -n "$(ls -A $m)" ]; then :; elif [ -f $f ]; then restore; ' +
            `elif [ ! -d ${saved}/${emptyFolder(mount)} ]; then signal ${restoreSignal.foreign}; fi`,
        `: > ${restored}/done`,
    ].join("; ");

/**
 * Packs a mount, unless it has changed little since its last save here. The note of a save is its size
 * in kilobytes and its time. Never fails, since the image is already built; a warning from tar is no
 * failure.
 */
function saveScript(mount: CarriedMount, { name, bytesMax }: SaveTarget): string {
    const { key } = mount;
    const signal = (size: number) => `head -c ${size} /dev/urandom > $o/${key}-signal`;
    const { oneIn, ageMaxS } = smallChange;
    return [
        // Without a file BuildKit would create no layer, and the next mount's layer would be taken
        // for this one.
        `m=${mounted}; o=${output}; : > $o/${key}`,
        `if ! command -v tar > /dev/null; then ${signal(saveSignal.noTar)}; exit 0; fi`,
        'if [ -z "$(ls -A $m)" ]; then exit 0; fi',
        "k=$(du -sk $m | cut -f1)",
        `if [ "$k" -gt ${Math.ceil(bytesMax / 1024)} ]; then ${signal(saveSignal.tooLarge)}; exit 0; fi`,
        `s=$(date +%s); similar() { read n p < ${notes}/${name} && d=$((k-n)) && ` +
            `[ \${d#-} -le $((n/${oneIn})) ] && [ $((s-p)) -lt ${ageMaxS} ]; }`,
        // In a shell of its own: a note with other text than numbers ends it.
        "if (similar) 2> /dev/null; then exit 0; fi",
        `t=$o/${tarOf(mount)}; tar -C $m -cf $t .; if [ $? -gt 1 ]; then rm -f $t; exit 0; fi`,
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
        run(mount, restoreScript(mount)),
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
        run(mount, saveScript(mount, target)),
    ]);
    const copies = mounts.map((mount) => `COPY --from=${saveStage(mount)} ${output}/ /`);
    return `${[...stages, "FROM scratch", ...copies].join("\n")}\n`;
}

function emptySave(mount: CarriedMount): readonly string[] {
    return [`FROM scratch AS ${savedStage(mount)}`, `WORKDIR /${emptyFolder(mount)}`];
}

function run(mount: CarriedMount, script: string): string {
    const mounts = [
        `type=bind,from=${savedStage(mount)},target=${saved}`,
        `${mount.options},target=${mounted}`,
        `type=cache,id=harbor-build-${mount.key},target=${notes}`,
    ];
    const flags = mounts.map((one) => `--mount=${one}`).join(" ");
    return `RUN ${flags} ${JSON.stringify(["/bin/sh", "-c", script])}`;
}
