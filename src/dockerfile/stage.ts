import type { Unknown, Value } from "./expand";
import type { Instruction } from "./parse";

/** What a stage is built on. */
export type Base =
    /** Nothing. */
    | { readonly kind: "scratch" }
    /** An earlier stage, by index. */
    | { readonly kind: "stage"; readonly index: number }
    /** An image from a registry. */
    | { readonly kind: "image"; readonly reference: string }
    /** A named context that stands in for an image or for the whole stage. */
    | { readonly kind: "context"; readonly name: string }
    /** Something that hangs on a value that is unknown. */
    | { readonly kind: "unknown"; readonly expression: string; readonly reason: string };

/** Where a `COPY --from` or a `RUN --mount=from` takes files from. */
export type Source = Exclude<Base, { kind: "unknown" }>;

/** One instruction of a stage that takes files from somewhere else than the build context. */
export interface Edge {
    readonly instruction: "COPY" | "RUN";
    /** Line of the instruction, counted from 1. */
    readonly line: number;
    /** The stage, number, image or context as written. */
    readonly written: string;
    readonly source: Source;
}

/** An instruction that a stage runs: its own, or an ONBUILD trigger of what it is built on. */
export interface StageInstruction extends Pick<Instruction, "line" | "body"> {
    /** Whether it comes from an ONBUILD. */
    readonly triggered: boolean;
}

/** One build stage, its names looked up and its variables expanded. */
export interface Stage {
    /** Position in the file, from 0. */
    readonly index: number;
    /** Lower case; undefined for a stage without a name. */
    readonly name?: string;
    /** The name, or `stage 2`: what messages call it. */
    readonly label: string;
    /** Line of its FROM, counted from 1. */
    readonly line: number;
    readonly base: Base;
    /** `--platform`, expanded; undefined when not given. */
    readonly platform?: Value;
    /** What its instructions take from other stages and images. */
    readonly edges: readonly Edge[];
    /** Its instructions without FROM, the triggers of its base first. */
    readonly instructions: readonly StageInstruction[];
}

/** Why a stage may depend on anything: its base hangs on an unknown value. */
export function unknownBase(stage: Stage): Unknown | undefined {
    return stage.base.kind === "unknown" ? { unknown: stage.base.reason } : undefined;
}

/** The stages one stage needs, by index: its base, then what it copies and mounts from. */
export function dependenciesOf(stage: Stage): number[] {
    return [...new Set([...stageIndex(stage.base), ...sourcesOf(stage)])];
}

/** The stages one stage copies and mounts from, by index. */
export function sourcesOf(stage: Stage): number[] {
    return [...new Set(stage.edges.flatMap(({ source }) => stageIndex(source)))];
}

function stageIndex(base: Base): number[] {
    return base.kind === "stage" ? [base.index] : [];
}
