import { isUnknown, mayBe } from "./expand";
import { InstructionError } from "./failure";
import type { BuildOptions } from "./options";
import { familiarName } from "./reference";
import type { Stage } from "./stage";
import { givenArg, type Variables } from "./variables";

/**
 * Why SOURCE_DATE_EPOCH depends on a part of the build, which a slice then must keep: BuildKit 0.31
 * also reads the names of stages and contexts there. Undefined when it is a number or is not set.
 *
 * @throws InstructionError for a value that is neither a number nor a known name.
 */
export function epochSource(
    stages: readonly Stage[],
    globals: Variables,
    options: BuildOptions,
): string | undefined {
    const name = "SOURCE_DATE_EPOCH";
    const value = givenArg(options, name) ?? globals.get(name) ?? "";
    const contexts = (options.namedContexts ?? []).map(familiarName);
    const sources = [...stages.filter(isSource).map((stage) => stage.name ?? ""), ...contexts];
    if (isUnknown(value)) {
        return sources.some((source) => mayBe(value, source))
            ? `${name} may name a stage or a named context: ${value.unknown}`
            : undefined;
    }
    if (value === "" || value === "context" || /^[+-]?\d+$/.test(value)) return undefined;
    if (sources.includes(value.toLowerCase())) return `${name} depends on the time of "${value}"`;
    throw new InstructionError(
        `${name}=${value}: expected seconds since 1970, "context", or the name of a stage or named context`,
    );
}

/** Whether BuildKit can take the time from a stage: an empty stage with nothing but ADD. */
function isSource({ name, base, ownEdges, instructions, isReplaced }: Stage): boolean {
    if (name === undefined || isReplaced || ownEdges.length > 0) return false;
    if (base.kind !== "scratch" && base.kind !== "unknown") return false;
    const kinds = instructions.map(({ body }) => (body.kind === "copy" ? body.keyword : body.kind));
    return kinds.every((kind) => kind === "arg" || kind === "ADD") && kinds.includes("ADD");
}
