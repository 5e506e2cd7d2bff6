import { restoreSignal, saveSignal } from "./outcome";

/** A cache mount whose content is kept in the registry between builds. */
export interface CarriedMount {
    /** Identifies the mount in names of stages: ten hexadecimal digits. */
    readonly key: string;
    /** The mount's id, for messages. */
    readonly id: string;
    /** Its options without the target: `type=cache,id=/root/.cache/go-build`. */
    readonly options: string;
    /** The image that has the programs to restore and save it: what follows on `FROM`. */
    readonly image: string;
}

/** Build argument of the build that saves mounts; a new value saves again. */
export const saveTrigger = "HARBOR_BUILD_TRIGGER";

/** Paths in the stages of this file: the last save, the mount, and what the build saves. */
const saved = "/.harbor-build/a";
const mounted = "/.harbor-build/b";
const output = "/.harbor-build-saved";

/** Time that a restore waits for another build's restore of the same mount, in seconds. */
const waitMaxS = 120;

/**
 * Restores an empty mount. Other builds on the same builder may restore the same mount, so a
 * directory in the mount serves as a lock. A lock that nobody removes in time is left over from an
 * interrupted restore. An unusable save leaves the mount empty, and a signal in the layer of the step.
 */
const restoreScript = (mount: CarriedMount): string =>
    [
        `m=${mounted}; f=${saved}/$(uname -m).tar; l=$m/.harbor-build; n=0`,
        "clear() { rm -rf $m/* $m/.[!.]* $m/..?*; }",
        "signal() { head -c $1 /dev/urandom > /.harbor-build-signal; }",
        "restore() { mkdir $l || return; tar -C $m -xpf $f || { clear; signal " +
            `${restoreSignal.damaged}; }; rm -rf $l; }`,
        `while [ -d $l ] && [ $n -lt ${waitMaxS} ]; do sleep 1; n=$((n+1)); done`,
        "if [ -d $l ]; then clear; fi",
        'if [ -n "$(ls -A $m)" ]; then :; elif [ -f $f ]; then restore; ' +
            `elif [ ! -d ${saved}/${emptyFolder(mount)} ]; then signal ${restoreSignal.foreign}; fi`,
        ": > /.harbor-build-restored",
    ].join("; ");

/** Packs a mount. Never fails, since the image is already built; a warning from tar is no failure. */
function saveScript({ key }: CarriedMount, bytesMax: number): string {
    const signal = (size: number) => `head -c ${size} /dev/urandom > $o/signal`;
    return [
        // Without a file BuildKit would create no layer, and the next mount's layer would be taken
        // for this one.
        `m=${mounted}; o=${output}; : > $o/${key}`,
        `if ! command -v tar > /dev/null; then ${signal(saveSignal.noTar)}; exit 0; fi`,
        'if [ -z "$(ls -A $m)" ]; then exit 0; fi',
        "k=$(du -sk $m | cut -f1)",
        `if [ "$k" -gt ${Math.ceil(bytesMax / 1024)} ]; then ${signal(saveSignal.tooLarge)}; exit 0; fi`,
        "t=$o/$(uname -m).tar; tar -C $m -cf $t .; if [ $? -gt 1 ]; then rm -f $t; fi; exit 0",
    ].join("; ");
}

/** The folder in place of a save. */
const emptyFolder = ({ key }: CarriedMount) => `harbor-build-${key}`;
const savedStage = ({ key }: CarriedMount) => `harbor-build-saved-${key}`;
const restoreStage = ({ key }: CarriedMount) => `harbor-build-restore-${key}`;
const saveStage = ({ key }: CarriedMount) => `harbor-build-save-${key}`;

/**
 * The flag that makes a RUN wait for the restore of a mount. The file is empty: it changes no key.
 */
export function restoreFlag(mount: CarriedMount): string {
    const { key } = mount;
    return `type=bind,from=${restoreStage(mount)},source=/.harbor-build-restored,target=/.harbor-build-${key}`;
}

/**
 * The stages that restore a mount. The first is empty, and its text is constant: the stack's cache
 * gives its step the last save as its result.
 */
export function restoreStages(mount: CarriedMount): readonly string[] {
    return [
        ...emptySave(mount),
        `FROM ${mount.image} AS ${restoreStage(mount)}`,
        "USER 0:0",
        run(mount, restoreScript(mount)),
    ];
}

/**
 * A Dockerfile that saves mounts: one layer each. In its cache, the second input of each RUN is the
 * step that is to have the layer as its result (records.ts).
 */
export function saveDockerfile(mounts: readonly CarriedMount[], bytesMax: number): string {
    const stages = mounts.flatMap((mount) => [
        ...emptySave(mount),
        `FROM ${mount.image} AS ${saveStage(mount)}`,
        "USER 0:0",
        `WORKDIR ${output}`,
        `ARG ${saveTrigger}`,
        run(mount, saveScript(mount, bytesMax)),
    ]);
    const copies = mounts.map((mount) => `COPY --from=${saveStage(mount)} ${output}/ /`);
    return `${[...stages, "FROM scratch", ...copies].join("\n")}\n`;
}

function emptySave(mount: CarriedMount): readonly string[] {
    return [`FROM scratch AS ${savedStage(mount)}`, `WORKDIR /${emptyFolder(mount)}`];
}

function run(mount: CarriedMount, script: string): string {
    const save = `--mount=type=bind,from=${savedStage(mount)},target=${saved}`;
    const command = JSON.stringify(["/bin/sh", "-c", script]);
    return `RUN ${save} --mount=${mount.options},target=${mounted} ${command}`;
}
