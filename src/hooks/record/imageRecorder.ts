import { setTimeout as sleep } from "node:timers/promises";
import * as pulumi from "@pulumi/pulumi";
import type { BuilderHistory } from "../../buildkit/builderHistory";
import { servesOtherLanguage } from "../../engine/currentRun";
import { readImageSize } from "../../registry/imageSize";
import { locate } from "../../registry/location";
import type { RegistryOptions } from "../../registry/registries";
import { causesOf } from "../../report/causes";
import { type ImageReport, ImageState } from "../../report/model";
import { buildFacts, type StepTexts } from "../../report/steps";
import { delayed } from "../../report/timeline";
import { reasonOf } from "../../text/reason";
import { readImageInputs, readPlainInputs } from "../imageInputs";
import { loginsOf } from "../logins";
import { type RecordedMount, SaveRecorder, waitBriefly } from "./saveRecorder";

/**
 * Longest time for which it delays a run, when the program may end at once: after a failed build, and in
 * a plugin that serves another language.
 */
const endDelayMaxMs = 2000;

/** One image in the report of a run. */
export interface RecordedImage {
    state(): ImageState;
    /** The texts still have secrets and paths of the machine. */
    change(change: Partial<Omit<ImageReport, "component" | "name">>): void;
}

/** The report of a run, as far as images are recorded in it. */
export interface RecordedRun {
    readonly history: BuilderHistory;
    /** Adds an image before the run has reached it. */
    expect(image: Pick<ImageReport, "component" | "name" | "stage" | "references">): RecordedImage;
    /** Texts that the report must not contain. */
    hide(secrets: readonly string[]): void;
    /** Milliseconds since the run began. */
    now(): number;
    /** Writes the files now. */
    write(): void;
}

/** Records the images of one component in the report of the run. */
export class ImageRecorder {
    private readonly run: RecordedRun;
    private readonly options: RegistryOptions;
    private readonly records = new Map<string, RecordedImage>();
    private readonly texts = new Map<string, StepTexts>();
    /** Starts of the builds, in milliseconds since the run began. */
    private readonly starts = new Map<string, number>();
    /** What finds out which builds are from before this run. */
    private readonly remembered = new Map<string, Promise<void>>();
    private readonly sizes = new Map<string, Promise<number | undefined>>();

    constructor(run: RecordedRun, options: RegistryOptions) {
        this.run = run;
        this.options = options;
    }

    /** Adds an image that the component declares. */
    expect(
        image: Pick<ImageReport, "component" | "name" | "stage" | "references">,
        texts: StepTexts,
        digest: pulumi.Output<string>,
    ): void {
        const record = this.run.expect(image);
        this.records.set(image.name, record);
        this.records.set(image.references.join(), record);
        this.texts.set(image.name, texts);
        digest.apply((digest) => {
            const isSame = record.state() === ImageState.Waiting;
            record.change({ digest, ...(isSame ? { state: ImageState.Unchanged } : {}) });
        });
    }

    /** What records the saves of the cache mounts of an image, by the references of the image. */
    saves(
        references: readonly string[],
        mounts: readonly RecordedMount[],
    ): SaveRecorder | undefined {
        const record = this.records.get(references.join());
        return (
            record &&
            new SaveRecorder(
                {
                    history: this.run.history,
                    now: () => this.run.now(),
                    change: (saves) => record.change({ saves }),
                },
                mounts,
            )
        );
    }

    /** Before a build, and in previews before a build that is only planned. */
    async before({ name, newInputs, oldInputs, oldOutputs }: pulumi.ResourceHookArgs) {
        const record = this.records.get(name);
        if (record === undefined) return;
        const after = await readPlainInputs(newInputs);
        const before = oldInputs === undefined ? undefined : await readPlainInputs(oldInputs);
        this.run.hide([...after.secrets, ...(before?.secrets ?? [])]);
        const builds = !pulumi.runtime.isDryRun() || after.properties["buildOnPreview"] === true;
        record.change({
            state: builds ? ImageState.Building : ImageState.Planned,
            causes: causesOf(before?.properties, after.properties),
        });
        if (!builds) return;
        this.starts.set(name, this.run.now());
        this.sizes.set(name, this.size(newInputs, oldOutputs?.["digest"]));
        const image = await readImageInputs(newInputs);
        const remembered = this.run.history.remember(image);
        this.remembered.set(name, remembered);
        await waitBriefly(remembered);
    }

    /** The line about the cache sources. */
    cache(name: string, message: string): void {
        this.records.get(name)?.change({ cache: message.replace(/^cache: /, "") });
    }

    /** Why a build did not write its cache. */
    unwritten(name: string, reason: string): void {
        this.records.get(name)?.change({ unwritten: reason });
    }

    /**
     * After a build that succeeded. The run goes on meanwhile, and the program waits at its end. The
     * engine does not wait for a plugin that serves another language, but for the hook.
     */
    async after({ name, newInputs, newOutputs }: pulumi.ResourceHookArgs): Promise<void> {
        const record = this.records.get(name);
        const startMs = this.starts.get(name);
        if (record === undefined || startMs === undefined) return;
        const ms = this.run.now() - startMs;
        record.change({ state: ImageState.Built, startMs, ms, error: undefined });
        const digest = newOutputs?.["digest"];
        const completed = Promise.all([
            this.findBuild(name, newInputs, { ms, digest }),
            this.size(newInputs, digest),
            this.sizes.get(name),
        ]).then(
            ([, bytes, bytesBefore]) => record.change({ bytes, bytesBefore }),
            // Recording never fails a run.
            (error: unknown) =>
                pulumi.log.debug(`the report of ${name} is incomplete: ${reasonOf(error)}`),
        );
        if (servesOtherLanguage()) {
            await Promise.race([completed, sleep(endDelayMaxMs)]);
        }
    }

    /** After a build that failed, or a check that stopped it. */
    async failed(
        { name, newInputs }: Pick<pulumi.ErrorHookArgs, "name" | "newInputs">,
        error: string,
    ): Promise<void> {
        const record = this.records.get(name);
        if (record === undefined) return;
        const startMs = this.starts.get(name);
        const ms = startMs === undefined ? undefined : this.run.now() - startMs;
        record.change({ state: ImageState.Failed, error, startMs, ms });
        if (startMs !== undefined) {
            await Promise.race([this.findBuild(name, newInputs, { ms }), sleep(endDelayMaxMs)]);
        }
        // The engine ends the program of a failed run without notice.
        this.run.write();
    }

    private async findBuild(
        name: string,
        newInputs: Record<string, unknown> | undefined,
        { ms = 0, digest }: { readonly ms: number | undefined; readonly digest?: unknown },
    ): Promise<void> {
        const record = this.records.get(name);
        const image = await readImageInputs(newInputs);
        await this.remembered.get(name);
        const recorded = await this.run.history.find({
            ...image,
            digest: typeof digest === "string" && digest !== "" ? digest : undefined,
        });
        if ("reason" in recorded) {
            record?.change({ build: recorded.reason });
            return;
        }
        const { vertices, startedMs, isPreviewed } = recorded;
        const facts = buildFacts(vertices, { startedMs, ...this.texts.get(name) });
        const runStartedMs = Date.now() - this.run.now();
        const lagMs = startedMs - runStartedMs - (this.starts.get(name) ?? 0);
        const spans = delayed(facts.spans, lagMs, ms);
        record?.change({ build: { ...facts, spans, isPreviewed } });
    }

    /** Size of an image in the registry; undefined in previews, which push nothing. */
    private async size(
        newInputs: Record<string, unknown> | undefined,
        digest: unknown,
    ): Promise<number | undefined> {
        const inputs = await readImageInputs(newInputs);
        const [tag] = inputs.tags;
        if (tag === undefined || typeof digest !== "string" || digest === "") return undefined;
        const { registry, repository } = locate(tag);
        const reference = `${registry}/${repository}@${digest}`;
        return readImageSize(reference, loginsOf(inputs, this.options), {
            ...this.options,
            retry: { attemptsMax: 1 },
        });
    }
}
