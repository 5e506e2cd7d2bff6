import { isUnknown, type Unknown } from "./expand";
import { type DockerfileFailure, Refusal } from "./failure";
import type { CopyInstruction, RunInstruction } from "./instruction";
import { readMount } from "./mount";
import { cleanPath, hasWildcards, isRemoteSource } from "./paths";
import type { Stage, StageInstruction } from "./stage";
import type { ContextRead, MountUse, StageReads, WholeContext } from "./stageReads";
import type { StageVariables } from "./variables";

/**
 * Runs through one stage's instructions in order and tells what they read.
 *
 * @param variables those the stage begins with; those it ends with when this is done
 * @param failures what BuildKit would not take is added here
 */
export function readStage(
    stage: Stage,
    variables: StageVariables,
    failures: DockerfileFailure[],
): StageReads {
    return new Reader(stage, variables, failures).read();
}

class Reader {
    private readonly stage: Stage;
    private readonly variables: StageVariables;
    private readonly failures: DockerfileFailure[];
    private readonly context: ContextRead[] = [];
    private readonly asked: string[] = [];
    private readonly whole: WholeContext[] = [];
    private readonly caches: MountUse[] = [];
    private readonly secrets: MountUse[] = [];
    private readonly ssh: MountUse[] = [];

    constructor(stage: Stage, variables: StageVariables, failures: DockerfileFailure[]) {
        this.stage = stage;
        this.variables = variables;
        this.failures = failures;
    }

    read(): StageReads {
        this.readBase();
        for (const instruction of this.stage.instructions) {
            try {
                this.readInstruction(instruction);
            } catch (cause) {
                if (!(cause instanceof Refusal)) throw cause;
                this.failures.push({ line: instruction.line, reason: cause.message });
            }
        }
        const { stage, context, asked, whole, caches, secrets, ssh } = this;
        return { stage, context, asked, whole, caches, secrets, ssh };
    }

    /** Images made to be built on with triggers say so in their names (`node:20-onbuild`). */
    private readBase(): void {
        const { base, line } = this.stage;
        if (base.kind !== "image" || !/onbuild/i.test(base.reference)) return;
        if (this.stage.instructions.some(({ triggered }) => triggered)) return;
        const reason = `the image ${base.reference} may carry ONBUILD triggers that copy files`;
        this.whole.push({ line, reason });
    }

    private readInstruction({ body, line }: StageInstruction): void {
        switch (body.kind) {
            case "arg":
                this.variables.declareArgs(body.args);
                return;
            case "env":
                this.variables.assign(body.pairs);
                return;
            case "copy":
                if (body.from === undefined) this.readCopy(body, line);
                return;
            case "run":
                this.readRun(body, line);
                return;
            default:
        }
    }

    private readCopy(copy: CopyInstruction, line: number): void {
        for (const written of copy.sources) {
            const source = this.variables.expand(written);
            if (isUnknown(source)) {
                const reason = `${copy.keyword} ${written}: ${source.unknown}`;
                this.whole.push({ line, reason });
            } else if (!isRemote(copy, source)) {
                this.asked.push(cleanPath(source));
                this.context.push({
                    instruction: copy.keyword,
                    line,
                    written,
                    ...placeOf(copy, source),
                    exclude: copy.exclude,
                });
            }
        }
    }

    private readRun(run: RunInstruction, line: number): void {
        for (const text of run.mounts) {
            const mount = readMount(text, (word) => this.variables.expand(word));
            const use = (id: string | Unknown) => ({ line, id, required: mount.required });
            const fallback = isUnknown(mount.target) ? mount.target : baseName(mount.target);
            const unknown = [mount.type, mount.source].find(isUnknown);
            switch (mount.type) {
                case "cache":
                    this.caches.push(use(mount.id || cleanTarget(mount.target)));
                    break;
                case "secret":
                    this.secrets.push(use(mount.id || mount.source || fallback));
                    break;
                case "ssh":
                    this.ssh.push(use(mount.id || "default"));
                    break;
                case "tmpfs":
                    this.asked.push("");
                    break;
                default:
                    if (mount.from !== undefined) break;
                    if (unknown !== undefined) {
                        this.whole.push({
                            line,
                            reason: `RUN --mount=${text}: ${unknown.unknown}`,
                        });
                    } else if (typeof mount.source === "string") {
                        this.asked.push(cleanPath(mount.source));
                        this.context.push({
                            instruction: "RUN",
                            line,
                            written: mount.source,
                            path: cleanPath(mount.source),
                            wildcards: false,
                            exclude: [],
                        });
                    }
            }
        }
    }
}

/** Whether a source comes from elsewhere than the context. @throws Refusal for COPY of a URL */
function isRemote(copy: CopyInstruction, source: string): boolean {
    if (!isRemoteSource(source)) return false;
    if (copy.keyword === "ADD") return true;
    throw new Refusal(`COPY ${source}: COPY takes files of the context only; ADD fetches URLs`);
}

function placeOf(copy: CopyInstruction, source: string) {
    if (!copy.parents) return { path: cleanPath(source), wildcards: hasWildcards(source) };
    const pivot = source.indexOf("/./");
    const base = pivot < 0 ? "" : source.slice(0, pivot);
    const below = pivot < 0 ? source : source.slice(pivot + 3);
    return { path: cleanPath(base), wildcards: hasWildcards(base), include: cleanPath(below) };
}

/** A cache mount's id defaults to its target without dots and double slashes. */
function cleanTarget(target: string | Unknown): string | Unknown {
    if (isUnknown(target)) return target;
    const path = cleanPath(target);
    return target.startsWith("/") ? `/${path}` : path || ".";
}

function baseName(target: string): string {
    return cleanPath(target).split("/").at(-1) ?? "";
}
