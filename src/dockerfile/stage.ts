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
    /** A named context that replaces an image or the whole stage. */
    | { readonly kind: "context"; readonly name: string }
    /** Something that depends on a value that is unknown. */
    | {
          readonly kind: "unknown";
          readonly expression: string;
          readonly reason: string;
          /** Indexes of the earlier stages that the base may be. */
          readonly stages: readonly number[];
      };

/** The source of a `COPY --from` or a `RUN --mount=from`. */
export type Source = Exclude<Base, { kind: "unknown" }>;

/** One instruction that reads files from a stage, an image or a named context. */
export interface Edge {
    readonly instruction: "COPY" | "RUN";
    /** Line of the instruction, counted from 1. */
    readonly line: number;
    /** The stage, number, image or context as written. */
    readonly written: string;
    readonly source: Source;
}

/** An instruction that a stage runs: its own, or an ONBUILD trigger of its base. */
export interface StageInstruction extends Pick<Instruction, "line" | "body"> {
    /** Whether the instruction is an ONBUILD trigger. */
    readonly triggered: boolean;
}

/** One build stage, with names resolved and variables expanded. */
export interface Stage {
    /** Position in the file, from 0. */
    readonly index: number;
    /** Lower case; undefined for a stage without a name. */
    readonly name?: string;
    /** The name, or `stage 2`; used in messages. */
    readonly label: string;
    /** Line of its FROM, counted from 1. */
    readonly line: number;
    readonly base: Base;
    /** Whether a named context with the stage's name replaces the stage. */
    readonly isReplaced: boolean;
    /** `--platform`, expanded; undefined when not given. */
    readonly platform?: Value;
    /** Sources that the stage's own instructions name, even if they do not run. */
    readonly ownEdges: readonly Edge[];
    /** Sources that its instructions copy or mount from. */
    readonly edges: readonly Edge[];
    /** The instructions that run, without FROM; the triggers of its base come first. */
    readonly instructions: readonly StageInstruction[];
}

/** Why a stage may depend on anything: its base depends on an unknown value. */
export function unknownBase({ base }: Stage): Unknown | undefined {
    return base.kind === "unknown" ? { unknown: base.reason } : undefined;
}

/** Indexes of the stages that one stage needs: its base, then what it copies and mounts from. */
export function dependenciesOf({ base, edges }: Stage): number[] {
    return [...stageIndex(base), ...sourcesOf(edges)];
}

/** Indexes of the stages that edges lead to. */
export function sourcesOf(edges: readonly Edge[]): number[] {
    return edges.flatMap(({ source }) => stageIndex(source));
}

function stageIndex(base: Base): number[] {
    return base.kind === "stage" ? [base.index] : [];
}

/** The stages of a Dockerfile and how they depend on each other. */
export interface StageGraph {
    readonly stages: readonly Stage[];
    /** The stage that is built. */
    readonly target: Stage;
    /** The variables that FROM can use. */
    readonly globals: Variables;
    /**
     * Why the target may need more of the Dockerfile than the edges show; undefined when it does
     * not.
     */
    readonly beyond?: string;
}
