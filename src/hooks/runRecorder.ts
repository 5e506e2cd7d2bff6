import { writeFileSync } from "node:fs";
import * as pulumi from "@pulumi/pulumi";
import { BuilderHistory } from "../buildkit/builderHistory";
import { currentRun } from "../engine/currentRun";
import { runMarkdown } from "../report/markdown";
import { type ImageReport, ImageState } from "../report/model";
import { runPage } from "../report/page";
import { redactor } from "../report/redact";
import { reasonOf } from "../text/reason";

/**
 * The files of a report, with the variables that name them. Relative paths start at the program's
 * folder.
 */
const formats = { HARBOR_BUILD_REPORT: runMarkdown, HARBOR_BUILD_PAGE: runPage } as const;
type Variable = keyof typeof formats;
// The keys of an object literal.
const variables = Object.keys(formats) as Variable[];

/** Time in which changes are collected before the files are written again, in milliseconds. */
const writeDelayMs = 200;

/** The texts of an image before secrets and paths are removed. */
type Change = Partial<Omit<ImageReport, "component" | "name">>;

const recorders = new WeakMap<object, RunRecorder>();
/** Recorders with changes that are not written yet. */
const unwritten = new Set<RunRecorder>();

/** Writes what is left when the process ends: one listener for all runs of the process. */
function writeAll(): void {
    for (const recorder of unwritten) {
        recorder.write();
    }
}

/** The recorder of the current run; undefined when no report is asked for. */
export function runRecorder(env: NodeJS.ProcessEnv = process.env): RunRecorder | undefined {
    if (!variables.some((variable) => env[variable])) {
        return undefined;
    }
    const run = currentRun();
    const recorder = recorders.get(run) ?? new RunRecorder(env);
    recorders.set(run, recorder);
    return recorder;
}

/**
 * Collects what a run does with its images, and writes the report whenever that changes: a run that
 * ends early has its report too.
 */
export class RunRecorder {
    readonly history: BuilderHistory;
    private readonly env: NodeJS.ProcessEnv;
    private readonly isPreview = pulumi.runtime.isDryRun();
    private readonly run = { project: pulumi.getProject(), stack: pulumi.getStack() };
    private readonly images: ImageReport[] = [];
    private readonly faults: { component: string; message: string }[] = [];
    private readonly secrets = new Set<string>();
    private timer: NodeJS.Timeout | undefined;
    private readonly warned = new Set<Variable>();

    constructor(env: NodeJS.ProcessEnv) {
        this.env = env;
        this.history = new BuilderHistory(env);
        this.schedule();
    }

    /** Adds an image before the run has reached it. */
    expect(image: Pick<ImageReport, "component" | "name" | "stage" | "references">): ImageRecord {
        const position = this.images.length;
        this.images.push({ ...image, state: ImageState.Waiting, causes: [] });
        this.schedule();
        return {
            state: () => this.images[position]?.state ?? ImageState.Waiting,
            change: (change) => {
                const before = this.images[position];
                if (before !== undefined) this.images[position] = { ...before, ...change };
                this.schedule();
            },
        };
    }

    /** Adds a component whose arguments are invalid. */
    refuse(component: string, message: string): void {
        this.faults.push({ component, message });
        this.schedule();
    }

    /** Texts that the report must not contain. */
    hide(secrets: readonly string[]): void {
        for (const secret of secrets) {
            this.secrets.add(secret);
        }
        this.schedule();
    }

    private schedule(): void {
        this.timer ??= setTimeout(() => this.write(), writeDelayMs).unref();
        unwritten.add(this);
        // A second registration replaces the first.
        process.off("exit", writeAll).once("exit", writeAll);
    }

    /** Writes the files now. */
    write(): void {
        clearTimeout(this.timer);
        this.timer = undefined;
        unwritten.delete(this);
        const { isPreview, images, faults } = this;
        const redact = redactor(this.secrets, { program: process.cwd() });
        const run = redactTexts({ ...this.run, isPreview, images, faults }, redact);
        for (const variable of variables) {
            const file = this.env[variable];
            if (!file) continue;
            try {
                writeFileSync(file, formats[variable](run));
            } catch (error) {
                this.warn(variable, error);
            }
        }
    }

    private warn(variable: Variable, error: unknown): void {
        if (this.warned.has(variable)) return;
        this.warned.add(variable);
        const reason = reasonOf(error);
        void pulumi.log.warn(
            `${variable}: cannot write the report (${reason}). The run is not affected. ` +
                "Fix: name a file in a folder that exists and may be written.",
        );
    }
}

/** One image of a {@link RunRecorder}. */
export interface ImageRecord {
    state(): ImageState;
    change(change: Change): void;
}

/** The value with every text in it passed through `redact`. */
function redactTexts<T>(value: T, redact: (text: string) => string): T {
    const copy = (one: unknown): unknown => {
        if (typeof one === "string") return redact(one);
        if (Array.isArray(one)) return one.map(copy);
        return typeof one === "object" && one !== null
            ? Object.fromEntries(Object.entries(one).map(([key, inner]) => [key, copy(inner)]))
            : one;
    };
    // The copy has the shape of the value.
    return copy(value) as T;
}
