import { isUnknown } from "../../../src/dockerfile";
import type { ContextRead, MountUse } from "../../../src/dockerfile/stageReads";
import type { TargetReads } from "../../../src/dockerfile/targetReads";

/** The facts about a build in an LLB, in the shape of this package's analysis. */
export interface LlbFacts {
    /** `COPY` and `ADD` sources and bind mounts of the build context. */
    readonly reads: readonly string[];
    /** Names of the stages that have steps, as the steps' names show them. */
    readonly stages: readonly string[];
    readonly caches: readonly string[];
    readonly secrets: readonly string[];
    readonly ssh: readonly string[];
}

/** Reads BuildKit's answer to `frontend.convertllb`. */
export function factsOf(document: unknown): LlbFacts {
    const operations = new Map(Object.entries(object(object(document)["def"])));
    const isContext = (digest: unknown): boolean => {
        const source = object(object(operations.get(String(digest)))["source"]);
        return source["identifier"] === "local://context";
    };
    const reads: string[] = [];
    const mounts: Record<string, unknown>[] = [];
    for (const operation of operations.values()) {
        const inputs = list(object(operation)["inputs"]).map((input) => object(input)["digest"]);
        for (const action of list(object(object(operation)["file"])["actions"])) {
            const copy = object(object(action)["copy"]);
            const input = Number(object(action)["secondaryInput"] ?? 0);
            if (copy["src"] === undefined || !isContext(inputs[input])) continue;
            reads.push(describeRead(copy));
        }
        for (const mount of list(object(object(operation)["exec"])["mounts"]).map(object)) {
            mounts.push(mount);
            if (!isContext(inputs[Number(mount["input"] ?? 0)])) continue;
            reads.push(`mount ${String(mount["selector"] ?? "/")}`);
        }
    }
    const names = Object.values(object(object(document)["metadata"])).map((metadata) =>
        String(object(object(metadata)["description"])["llb.customname"] ?? ""),
    );
    const ids = (member: string, id: string) =>
        mounts.flatMap((mount) =>
            mount[member] === undefined ? [] : [String(object(mount[member])[id] ?? "default")],
        );
    return {
        reads: unique(reads),
        stages: unique(names.flatMap((name) => /^\[(\S+) +\d+\/\d+\]/.exec(name)?.[1] ?? [])),
        caches: unique(ids("cacheOpt", "ID").map((id) => id.replace(/^\//, ""))),
        secrets: unique(ids("secretOpt", "ID")),
        ssh: unique(ids("SSHOpt", "ID")),
    };
}

/** The facts from this package's analysis in the same shape, without the stages. */
export function factsOfReads({ stages }: TargetReads): LlbFacts {
    const ids = (uses: readonly Pick<MountUse, "id">[]) =>
        unique(uses.map(({ id }) => (isUnknown(id) ? `unknown: ${id.unknown}` : id)));
    return {
        reads: unique(stages.flatMap((stage) => stage.context.map(describeOurRead))),
        stages: [],
        caches: ids(stages.flatMap(({ caches }) => caches)),
        secrets: ids(stages.flatMap(({ secrets }) => secrets)),
        ssh: ids(stages.flatMap(({ ssh }) => ssh)),
    };
}

function describeOurRead({ instruction, path, include, exclude }: ContextRead): string {
    if (instruction === "RUN") return `mount /${path}`;
    const included = include === undefined ? [] : [include];
    return `copy ${[`/${path}`, "include", ...included, "exclude", ...exclude].join(" ")}`;
}

function describeRead(copy: Record<string, unknown>): string {
    const include = list(copy["includePatterns"]);
    const exclude = list(copy["excludePatterns"]);
    return `copy ${[copy["src"], "include", ...include, "exclude", ...exclude].join(" ")}`;
}

/** Each text once, sorted. */
export function unique(texts: readonly string[]): string[] {
    return [...new Set(texts)].sort();
}

function object(value: unknown): Record<string, unknown> {
    // Any object can be asked for members that may not be there.
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}

function list(value: unknown): unknown[] {
    return Array.isArray(value) ? value : [];
}
