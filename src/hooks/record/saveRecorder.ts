import { setTimeout as sleep } from "node:timers/promises";
import type { BuilderHistory, BuiltImage } from "../../buildkit/builderHistory";
import { SaveOutcome } from "../../mounts/outcome";
import type { MountSave } from "../../registry/mountSaves";
import type { MountSaves, MountWork } from "../../report/model";
import { packTimes } from "../../report/steps";

/** Longest time for which recording delays a build, in milliseconds. */
const delayMaxMs = 40;

/** Waits for what is to be known before a build, but delays the build only for a moment. */
export async function waitBriefly(remembered: Promise<void>): Promise<void> {
    await Promise.race([remembered, sleep(delayMaxMs)]);
}

/** A cache mount of an image. */
export interface RecordedMount {
    readonly key: string;
    /** The mount's id in the Dockerfile. */
    readonly id: string;
}

/** The words for what became of a save that was not kept. */
const notSaved: Readonly<Record<Exclude<SaveOutcome, "saved" | "empty">, string>> = {
    [SaveOutcome.TooLarge]: "not saved: too large",
    [SaveOutcome.NoTar]: "not saved: the base image has no tar",
    [SaveOutcome.Changing]: "not saved: another build changed files meanwhile",
    [SaveOutcome.Shrunk]: "not saved: much smaller than the last save",
};

/** Where a recorder of saves finds and writes what it needs. */
export interface SaveRecording {
    readonly history: BuilderHistory;
    /** Milliseconds since the run began. */
    readonly now: () => number;
    readonly change: (saves: MountSaves) => void;
}

/** Records the build that saves the cache mounts of one image. */
export class SaveRecorder {
    private readonly recording: SaveRecording;
    private readonly mounts: readonly RecordedMount[];
    private startMs = 0;
    private remembered: Promise<void> | undefined;

    constructor(recording: SaveRecording, mounts: readonly RecordedMount[]) {
        this.recording = recording;
        this.mounts = mounts;
    }

    async before(build: BuiltImage): Promise<void> {
        this.startMs = this.recording.now();
        this.remembered = this.recording.history.remember(build);
        await waitBriefly(this.remembered);
    }

    /** After the build, when its saves are kept or not. */
    async after(
        build: BuiltImage,
        saves: readonly MountSave[] | { readonly reason: string },
    ): Promise<void> {
        const endMs = this.recording.now();
        await this.remembered;
        const found = await this.recording.history.find(build);
        const times = "vertices" in found ? packTimes(found.vertices) : new Map<string, number>();
        this.recording.change({
            startMs: this.startMs,
            ms: endMs - this.startMs,
            mounts: this.mounts.map(({ key, id }, index) => ({
                id,
                ...("reason" in saves
                    ? { result: `not saved: ${saves.reason}` }
                    : savedWork(saves[index], times.get(key))),
            })),
        });
    }
}

function savedWork(save: MountSave | undefined, ms: number | undefined): Omit<MountWork, "id"> {
    if (save === undefined || save.outcome === SaveOutcome.Empty) {
        return { result: save?.before === undefined ? "has nothing to save" : "has its last save" };
    }
    const { outcome, bytes } = save;
    return outcome === SaveOutcome.Saved
        ? { result: "saved", bytes, ms }
        : { result: notSaved[outcome] };
}
