import type { Unknown, Value } from "./expand";
import type { Instruction } from "./parse";
import type { Variables } from "./variables";

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
    /** Something that depends on a value that is unknown. */
    | {
          readonly kind: "unknown";
          readonly expression: string;
          readonly reason: string;
          /** The earlier stages that it may be, by index. */
          readonly stages: readonly number[];
      };

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
    /** Whether a named context of the stage's name replaces the stage. */
    readonly isReplaced: boolean;
    /** `--platform`, expanded; undefined when not given. */
    readonly platform?: Value;
    /** What its own instructions name, even if they do not run. */
    readonly ownEdges: readonly Edge[];
    /** What its instructions take from other stages and images. */
    readonly edges: readonly Edge[];
    /** The instructions that run, without FROM, the triggers of its base first. */
    readonly instructions: readonly StageInstruction[];
}

/** Why a stage may depend on anything: its base depends on an unknown value. */
export function unknownBase({ base }: Stage): Unknown | undefined {
    return base.kind === "unknown" ? { unknown: base.reason } : undefined;
}

/** The stages one stage needs, by index: its base, then what it copies and mounts from. */
export function dependenciesOf({ base, edges }: Stage): number[] {
    return [...stageIndex(base), ...sourcesOf(edges)];
}

/** The stages that edges lead to, by index. */
export function sourcesOf(edges: readonly Edge[]): number[] {
    return edges.flatMap(({ source }) => stageIndex(source));
}

function stageIndex(base: Base): number[] {
    return base.kind === "stage" ? [base.index] : [];
}

/** The stages of a Dockerfile and what each takes from the others. */
export interface StageGraph {
    readonly stages: readonly Stage[];
    /** The stage that is built. */
    readonly target: Stage;
    /** The variables FROM sees. */
    readonly globals: Variables;
    /** Why the target may need more of the Dockerfile than the stages say; undefined when not. */
    readonly beyond?: string;
}
