import { isIP } from "node:net";
import { posix } from "node:path";
import { InstructionError } from "./failure";
import { cutOnce } from "./flags";

/** Checks a mode of COPY or ADD: octal digits, or changes in chmod's syntax such as `u+rwx`. */
export function checkMode(mode: string): void {
    if (mode === "") return;
    if (/^[0-7]+$/.test(mode) && Number.parseInt(mode, 8) <= 0o7777) return;
    if (/^(?:[augo]*(?:[-+=][rstwXxugo]*)+(?:,|$))+$/.test(mode) && !mode.endsWith(",")) return;
    throw new InstructionError(
        `--chmod=${mode}: expected octal digits up to 7777, or changes such as u+x,go-w`,
    );
}

const digestLengths = new Map([
    ["sha256", 64],
    ["sha384", 96],
    ["sha512", 128],
]);

/** Whether a text is a digest, such as `sha256:` with 64 hexadecimal digits in lower case. */
export function isDigest(text: string): boolean {
    const [algorithm = "", ...rest] = text.split(":");
    const hex = rest.join(":");
    return /^[0-9a-f]*$/.test(hex) && hex.length === digestLengths.get(algorithm);
}

/** Checks the digest of a file to fetch. */
export function checkDigest(digest: string): void {
    if (isDigest(digest)) return;
    throw new InstructionError(
        `--checksum=${digest}: expected a digest such as sha256:… with 64 digits`,
    );
}

/** Checks a port of EXPOSE: `[[address:]port:]port[-port][/protocol]`. */
export function checkPort(written: string): void {
    const parts = written.split(":");
    const inner = parts.pop() ?? "";
    const outer = parts.pop() ?? "";
    const address = parts.join(":");
    const [range, protocol = ""] = cutOnce(inner, "/");
    const isProtocol = ["", "tcp", "udp", "sctp"].includes(protocol.toLowerCase());
    if (!isProtocol || !isAddress(address)) throw wrongPort(written);
    const count = portCount(range, written);
    if (outer === "") return;
    if (portCount(outer, written) !== count && count > 0) throw wrongPort(written);
}

function portCount(range: string, written: string): number {
    const [start, end = start] = cutOnce(range, "-");
    const count = Number(end) - Number(start);
    if (![start, end].every(isPort) || count < 0) throw wrongPort(written);
    return count;
}

function isPort(text: string): boolean {
    return /^(?:\+?\d+|-0+)$/.test(text) && Number(text) <= 65_535;
}

function isAddress(text: string): boolean {
    const plain = text.startsWith("[") && text.endsWith("]") ? text.slice(1, -1) : text;
    return plain === "" || (isIP(plain) !== 0 && !plain.includes("%"));
}

function wrongPort(written: string): InstructionError {
    return new InstructionError(
        `EXPOSE ${written}: expected a port from 0 to 65535, such as 80, 80/udp or 80-90`,
    );
}

const signals = new Set(
    (
        "ABRT ALRM BUS CHLD CLD CONT FPE HUP ILL INT IO IOT KILL PIPE POLL PROF PWR QUIT SEGV " +
        "STKFLT STOP SYS TERM TRAP TSTP TTIN TTOU URG USR1 USR2 VTALRM WINCH XCPU XFSZ RTMIN RTMAX"
    ).split(" "),
);

/** Checks a Linux signal: a number, or a name with or without `SIG`. */
export function checkSignal(signal: string): void {
    if (/^[+-]?\d+$/.test(signal) && Number(signal) !== 0) return;
    const name = signal.toUpperCase().replace(/^SIG/, "");
    const offset = /^(?:RTMIN\+|RTMAX-)([1-9]\d?)$/.exec(name)?.[1];
    if (signals.has(name)) return;
    if (offset !== undefined && Number(offset) <= (name.startsWith("RTMIN") ? 15 : 14)) return;
    throw new InstructionError(`STOPSIGNAL ${signal}: expected a signal such as SIGTERM or 15`);
}

/**
 * Rejects a mount on the root.
 *
 * @param directory the working directory; undefined when it is unknown
 */
export function checkMountTarget(
    flag: string,
    target: string,
    directory: string | undefined,
): void {
    const place = target.startsWith("/") ? target : directory && posix.join("/", directory, target);
    if (place !== "/") return;
    throw new InstructionError(`${flag}: a mount cannot replace "/"; expected another target`);
}
