import { isUnknown, mayBe } from "./expand";
import { Refusal } from "./failure";
import type { BuildOptions } from "./options";
import { familiarName } from "./reference";
import type { Stage } from "./stage";
import { givenArg, type Variables } from "./variables";

/**
 * Why SOURCE_DATE_EPOCH takes its time from a part of the build, which then must not be cut:
 * BuildKit 0.31 reads more than numbers there. Undefined for a number, and for none.
 *
 * @throws Refusal for a value that is neither a number nor the name of anything.
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
    if (sources.includes(value.toLowerCase())) return `${name} is the time of "${value}"`;
    throw new Refusal(`${name}=${value}: expected seconds since 1970, or what a time is known of`);
}

/** Whether a stage can give its time: it fetches one thing into nothing. */
function isSource({ name, base, ownEdges, instructions, isReplaced }: Stage): boolean {
    if (name === undefined || isReplaced || ownEdges.length > 0) return false;
    if (base.kind !== "scratch" && base.kind !== "unknown") return false;
    const kinds = instructions.map(({ body }) => (body.kind === "copy" ? body.keyword : body.kind));
    return kinds.every((kind) => kind === "arg" || kind === "ADD") && kinds.includes("ADD");
}
