import { Refusal } from "./failure";
import type { FlagValues } from "./flags";
import { readJsonWords, splitFirstWord, splitWords } from "./words";

/** Instructions that take their whole text as one argument, which must be there. */
const oneArgument = new Set(["WORKDIR", "USER", "STOPSIGNAL", "MAINTAINER"]);

/**
 * Refuses what BuildKit refuses of the instructions that read nothing, so that a preview finds it.
 *
 * @throws Refusal naming the instruction and what was expected.
 */
export function checkInstruction(keyword: string, rest: string, flags: FlagValues): void {
    if (oneArgument.has(keyword) && rest === "") {
        throw new Refusal(`${keyword} needs exactly one argument`);
    }
    switch (keyword) {
        case "EXPOSE":
            if (rest === "") throw new Refusal("EXPOSE needs a port");
            return;
        case "VOLUME":
            if ((readJsonWords(rest) ?? splitWords(rest)).every((word) => word.trim() === "")) {
                throw new Refusal("VOLUME needs a path");
            }
            return;
        case "CMD":
        case "ENTRYPOINT":
            readJsonWords(rest);
            return;
        case "SHELL":
            if ((readJsonWords(rest) ?? []).length === 0) {
                throw new Refusal(`SHELL ${rest}: expected a JSON array, as ["/bin/sh", "-c"]`);
            }
            return;
        case "HEALTHCHECK":
            checkHealthcheck(rest, flags);
            return;
        default:
    }
}

function checkHealthcheck(rest: string, flags: FlagValues): void {
    const [type, command] = splitFirstWord(rest);
    switch (type.toUpperCase()) {
        case "NONE":
            if (command !== "") throw new Refusal("HEALTHCHECK NONE takes no arguments");
            return;
        case "CMD":
            if ((readJsonWords(command) ?? splitWords(command)).length === 0) {
                throw new Refusal("HEALTHCHECK CMD needs a command");
            }
            break;
        default:
            throw new Refusal(
                `HEALTHCHECK ${rest}: expected HEALTHCHECK NONE or HEALTHCHECK CMD …`,
            );
    }
    for (const name of ["interval", "timeout", "start-period", "start-interval"]) {
        checkDuration(name, flags.get(name)?.[0] ?? "");
    }
    const retries = flags.get("retries")?.[0] ?? "";
    if (retries !== "" && !/^\+?\d+$/.test(retries)) {
        throw new Refusal(`HEALTHCHECK --retries=${retries}: expected a number, 0 or more`);
    }
}

/** Go's duration: numbers with units, as 1m30s. */
const duration = /^[+-]?(?:0|(?:(?:\d+\.?\d*|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+)$/;

function checkDuration(name: string, value: string): void {
    if (value === "" || (duration.test(value) && !value.startsWith("-"))) return;
    throw new Refusal(`HEALTHCHECK --${name}=${value}: expected a time, as 30s or 1m30s`);
}
