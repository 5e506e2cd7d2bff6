import { InstructionError } from "./failure";
import { parseTruth, splitCsv } from "./fields";
import { cutOnce, type FlagValues } from "./flags";
import { readJsonWords, splitFirstWord, splitWords, trimSpace } from "./words";

/** Instructions that take their whole text as one required argument. */
const oneArgument = new Set(["WORKDIR", "USER", "STOPSIGNAL", "MAINTAINER"]);

/**
 * Checks an instruction that reads no files, so that a preview reports what BuildKit rejects.
 *
 * @throws InstructionError that names the instruction and what was expected.
 */
export function checkInstruction(keyword: string, rest: string, flags: FlagValues): void {
    if (oneArgument.has(keyword) && rest === "") {
        throw new InstructionError(`${keyword} needs exactly one argument`);
    }
    switch (keyword) {
        case "EXPOSE":
            if (rest === "") throw new InstructionError("EXPOSE needs a port");
            return;
        case "VOLUME":
            checkVolumes(readJsonWords(rest) ?? splitWords(rest));
            return;
        case "RUN":
            checkRun(flags);
            return;
        case "CMD":
        case "ENTRYPOINT":
            readJsonWords(rest);
            return;
        case "SHELL":
            if ((readJsonWords(rest) ?? []).length === 0) {
                throw new InstructionError(
                    `SHELL ${rest}: expected a JSON array such as ["/bin/sh", "-c"]`,
                );
            }
            return;
        case "HEALTHCHECK":
            checkHealthcheck(rest, flags);
            return;
        default:
    }
}

function checkVolumes(paths: readonly string[]): void {
    if (paths.length === 0 || paths.some((path) => trimSpace(path) === "")) {
        throw new InstructionError("VOLUME needs paths that are not empty");
    }
}

const runModes = { network: ["default", "none", "host"], security: ["sandbox", "insecure"] };

function checkRun(flags: FlagValues): void {
    for (const [flag, modes] of Object.entries(runModes)) {
        const mode = flags.get(flag)?.[0];
        if (mode === undefined || modes.includes(mode)) continue;
        throw new InstructionError(`RUN --${flag}=${mode}: expected ${modes.join(", ")}`);
    }
    for (const device of flags.get("device") ?? []) checkDevice(device);
}

/** `--device` takes one name, alone or as `name=…`, and `required`. */
function checkDevice(text: string): void {
    let hasName = false;
    for (const field of splitCsv(`--device=${text}`, text)) {
        const [key, value] = cutOnce(field, "=");
        switch (key.toLowerCase()) {
            case "required":
                if (value !== undefined) parseTruth(`--device=${text}`, value);
                break;
            case "name":
                if (hasName) throw new InstructionError(`--device=${text}: expected one name`);
                hasName = value !== undefined ? value !== "" : true;
                break;
            default:
                if (hasName)
                    throw new InstructionError(`--device=${text}: unknown field "${field}"`);
                hasName = true;
        }
    }
}

function checkHealthcheck(rest: string, flags: FlagValues): void {
    const [type, command] = splitFirstWord(rest);
    switch (type.toUpperCase()) {
        case "NONE":
            if ((readJsonWords(command) ?? splitWords(command)).length > 0) {
                throw new InstructionError("HEALTHCHECK NONE takes no arguments");
            }
            return;
        case "CMD":
            if ((readJsonWords(command) ?? splitWords(command)).length === 0) {
                throw new InstructionError("HEALTHCHECK CMD needs a command");
            }
            break;
        default:
            throw new InstructionError(
                `HEALTHCHECK ${rest}: expected HEALTHCHECK NONE or HEALTHCHECK CMD …`,
            );
    }
    for (const name of ["interval", "timeout", "start-period", "start-interval"]) {
        checkDuration(name, flags.get(name)?.[0] ?? "");
    }
    const retries = flags.get("retries")?.[0] ?? "";
    if (retries !== "" && !(/^(?:\+?\d+|-0+)$/.test(retries) && Number(retries) < 2 ** 31)) {
        throw new InstructionError(
            `HEALTHCHECK --retries=${retries}: expected a number, 0 or more`,
        );
    }
}

/** A duration in Go's syntax: numbers with units, such as 1m30s. */
const duration =
    /^\+?(?:0|(?:(?:\d+(?:\.\d*)?|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+)$|^-(?:0|(?:(?:0+(?:\.0*)?|\.0+)(?:[nuµμm]?s|m|h))+)$/;
const unitsMs: Readonly<Record<string, number>> = { ns: 1e-6, ms: 1, s: 1e3, m: 6e4, h: 36e5 };
const durationMsMax = 2 ** 63 / 1e6;

function checkDuration(name: string, value: string): void {
    if (value === "") return;
    // Numbers and units in turn.
    const parts = value.match(/[\d.]+|[a-zµμ]+/g) ?? [];
    const ms = parts.reduce((sum, unit, index) => {
        const count = Number(parts[index - 1]);
        return index % 2 === 0 ? sum : sum + count * (unitsMs[unit] ?? 1e-3);
    }, 0);
    if (duration.test(value) && (ms === 0 || (ms >= 1 && ms < durationMsMax))) return;
    throw new InstructionError(
        `HEALTHCHECK --${name}=${value}: expected a time of 1ms or more, such as 30s or 1m30s`,
    );
}
