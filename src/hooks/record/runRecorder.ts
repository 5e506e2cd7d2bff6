import { writeFileSync } from "node:fs";
import * as pulumi from "@pulumi/pulumi";
import { BuilderHistory } from "../../buildkit/builderHistory";
import { servesOtherLanguage } from "../../engine/currentRun";
import type { RegistryOptions } from "../../registry/registries";
import { runMarkdown } from "../../report/markdown";
import {
    type ImageReport,
    ImageState,
    type ReportVariable,
    type RunReport,
    reportVariables,
} from "../../report/model";
import { runPage } from "../../report/page";
import { relativePaths } from "../../report/relativePaths";
import { reasonOf } from "../../text/reason";
import { secretHider } from "../../text/secretSpellings";
import { ImageRecorder, type RecordedImage, type RecordedRun } from "./imageRecorder";

/** The forms of a report, with the variables that ask for them. */
const formats: Readonly<Record<ReportVariable, (run: RunReport) => string>> = {
    HARBOR_BUILD_REPORT: (run) => runMarkdown(run),
    HARBOR_BUILD_PAGE: runPage,
};

/**
 * Time in which changes are collected before the files are written for the first time, and again, in
 * milliseconds. The first time comes early: a warning about a file reaches the user only during the run.
 */
const firstDelayMs = 200;
const writeDelayMs = 1000;

/** Recorders with changes that are not written yet. */
const unwritten = new Set<RunRecorder>();

/** Writes what is left when the process ends: one listener for all runs of the process. */
function writeAll(): void {
    for (const recorder of unwritten) {
        recorder.write();
    }
}

/**
 * Collects what a run does with its images, and writes the report whenever that changes: a run that
 * ends early has its report too.
 */
export class RunRecorder implements RecordedRun {
    readonly history: BuilderHistory;
    private readonly env: NodeJS.ProcessEnv;
    private readonly isPreview = pulumi.runtime.isDryRun();
    /** Whether the process may be killed at any time, as the engine does with plugins. */
    private readonly mayEnd = servesOtherLanguage();
    private readonly startMs = performance.now();
    private readonly run = { project: pulumi.getProject(), stack: pulumi.getStack() };
    private readonly images: ImageReport[] = [];
    private readonly faults: { component: string; message: string }[] = [];
    private readonly secrets = new Set<string>();
    /** Hides the secrets; undefined after a new one. */
    private redact: ((text: string) => string) | undefined;
    private timer: NodeJS.Timeout | undefined;
    private delayMs = firstDelayMs;
    private readonly warned = new Set<ReportVariable>();

    constructor(env: NodeJS.ProcessEnv) {
        this.env = env;
        this.history = new BuilderHistory(env);
        this.schedule();
    }

    /** What records the images of one component. */
    forComponent(options: RegistryOptions): ImageRecorder {
        return new ImageRecorder(this, options);
    }

    expect(image: Pick<ImageReport, "component" | "name" | "stage" | "references">): RecordedImage {
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

    hide(secrets: readonly string[]): void {
        const { size } = this.secrets;
        for (const secret of secrets) {
            this.secrets.add(secret);
        }
        if (this.secrets.size > size) this.redact = undefined;
        this.schedule();
    }

    now(): number {
        return performance.now() - this.startMs;
    }

    private schedule(): void {
        if (this.mayEnd) {
            this.write();
            return;
        }
        this.timer ??= setTimeout(() => this.write(), this.delayMs).unref();
        unwritten.add(this);
        // A second registration replaces the first.
        process.off("exit", writeAll).once("exit", writeAll);
    }

    write(): void {
        clearTimeout(this.timer);
        this.timer = undefined;
        this.delayMs = writeDelayMs;
        unwritten.delete(this);
        const { isPreview, images, faults } = this;
        for (const variable of reportVariables) {
            const file = this.env[variable];
            if (!file) continue;
            try {
                // A report has the texts of the reports before.
                this.redact ??= onceEach(secretHider(this.secrets));
                const run = redactTexts({ ...this.run, isPreview, images, faults }, this.redact);
                writeFileSync(file, formats[variable](run));
            } catch (error) {
                this.warn(variable, error);
            }
        }
    }

    private warn(variable: ReportVariable, error: unknown): void {
        if (this.warned.has(variable)) return;
        this.warned.add(variable);
        const reason = reasonOf(error);
        void pulumi.log.warn(
            `${variable}: cannot write the report (${reason}). The run is not affected. ` +
                "Fix: name a file in a folder that exists and may be written.",
        );
    }
}

/** The function, which computes the result for each text once. */
function onceEach(change: (text: string) => string): (text: string) => string {
    const results = new Map<string, string>();
    return (text) => {
        const result = results.get(text) ?? change(text);
        results.set(text, result);
        return result;
    };
}

/** Parts of a report whose texts come from a Dockerfile. */
const fromDockerfiles = ["build", "saves"];

/**
 * The value with every text in it passed through `redact`, and with relative paths outside of what
 * comes from a Dockerfile.
 */
function redactTexts<T>(value: T, redact: (text: string) => string): T {
    const folders = { program: process.cwd() };
    const onMachine = (text: string) => relativePaths(redact(text), folders);
    const copy = (one: unknown, change: (text: string) => string): unknown => {
        if (typeof one === "string") return change(one);
        if (Array.isArray(one)) return one.map((inner) => copy(inner, change));
        if (typeof one !== "object" || one === null) return one;
        const entries = Object.entries(one).map(([key, inner]) => {
            const isDockerfile = typeof inner === "object" && fromDockerfiles.includes(key);
            return [key, copy(inner, isDockerfile ? redact : change)];
        });
        return Object.fromEntries(entries);
    };
    // The copy has the shape of the value.
    return copy(value, onMachine) as T;
}
