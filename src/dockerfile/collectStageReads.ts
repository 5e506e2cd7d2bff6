import { isUnknown, type Unknown, type Value } from "./expand";
import { attempt, type DockerfileFailure, InstructionError } from "./failure";
import type { CopyInstruction, PlainInstruction } from "./instruction";
import { gap } from "./lexer";
import { readMount } from "./mount";
import { cleanPath, hasWildcards } from "./paths";
import { beginsRemote, type RemoteSource, readRemote, readRemoteStart } from "./remote";
import type { Edge, Stage, StageInstruction } from "./stage";
import type {
    CacheUse,
    ContextRead,
    MountTarget,
    MountUse,
    NamedContextRead,
    StageReads,
    WholeContext,
} from "./stageReads";
import { checkDigest, checkMode, checkMountTarget, checkPort, checkSignal } from "./values";
import type { StageVariables } from "./variables";

/** A named context that a stage copies or mounts files from. */
export interface NamedContext {
    readonly name: string;
    /**
     * Whether the context replaces a stage: BuildKit then requests what all instructions read at
     * once.
     */
    readonly isShared: boolean;
}

/** Finds the named context for a name as written; undefined for a stage or an image. */
export type FindContext = (
    instruction: Edge["instruction"],
    written: string,
) => NamedContext | undefined;

/**
 * Visits the instructions of one stage in order and collects what they read.
 *
 * @param variables the variables at the start of the stage; updated to those at its end
 * @param contextOf finds the named context that `COPY --from` or `RUN --mount=from` means
 * @param failures receives every fault that BuildKit would reject
 */
export function collectStageReads(
    stage: Stage,
    variables: StageVariables,
    contextOf: FindContext,
    failures: DockerfileFailure[],
): StageReads {
    return new Reader(stage, variables, contextOf, failures).read();
}

class Reader {
    private readonly stage: Stage;
    private readonly variables: StageVariables;
    private readonly contextOf: FindContext;
    private readonly failures: DockerfileFailure[];
    private readonly context: ContextRead[] = [];
    private readonly asked: string[] = [];
    private readonly named: NamedContextRead[] = [];
    private readonly whole: WholeContext[] = [];
    private readonly fetched: (RemoteSource | "unknown")[] = [];
    private readonly caches: CacheUse[] = [];
    private readonly targets: MountTarget[] = [];
    private readonly secrets: MountUse[] = [];
    private readonly ssh: MountUse[] = [];

    constructor(
        stage: Stage,
        variables: StageVariables,
        contextOf: FindContext,
        failures: DockerfileFailure[],
    ) {
        this.stage = stage;
        this.variables = variables;
        this.contextOf = contextOf;
        this.failures = failures;
    }

    read(): StageReads {
        for (const instruction of this.stage.instructions) {
            attempt(this.failures, instruction.line, () => this.readInstruction(instruction));
        }
        const { stage, context, asked, named, whole, fetched, caches, targets, secrets, ssh } =
            this;
        return { stage, context, asked, named, whole, fetched, caches, targets, secrets, ssh };
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
                this.readCopy(body, line);
                return;
            case "run":
                for (const mount of body.mounts) this.readMount(mount, line);
                if (body.fault !== undefined) throw new InstructionError(body.fault);
                return;
            case "plain":
                this.readPlain(body);
                return;
            default:
        }
    }

    private readPlain({ keyword, words }: PlainInstruction): void {
        if (keyword === "EXPOSE") {
            const ports = words.flatMap((word) => this.variables.expandWords(word));
            for (const port of ports) whenKnown(port, checkPort);
            return;
        }
        const [first = "", ...more] = words.map((word) => this.variables.expand(word));
        if (keyword === "WORKDIR") this.variables.enter(first);
        if (keyword === "STOPSIGNAL") whenKnown(first, checkSignal);
        if (keyword === "VOLUME" && [first, ...more].includes("")) {
            throw new InstructionError("VOLUME: a path is empty after its variables are expanded");
        }
    }

    private readCopy(copy: CopyInstruction, line: number): void {
        this.variables.expand(copy.chown);
        whenKnown(this.variables.expand(copy.chmod), checkMode);
        const checksum = this.variables.expand(copy.checksum);
        const sources = copy.sources.map((written) => ({
            written,
            source: this.variables.expand(written),
        }));
        this.variables.expand(copy.destination);
        for (const { expand, content } of copy.documents) {
            if (expand) this.variables.expandDocument(content);
        }
        if (isGiven(checksum) && sources.length !== 1) {
            throw new InstructionError(`${copy.keyword} --checksum: expected exactly one source`);
        }
        const { keyword: instruction, exclude } = copy;
        const taken: ContextRead[] = [];
        const asked: string[] = [];
        for (const { written, source } of sources) {
            if (isUnknown(source)) {
                this.readUnknown(copy, written, source, line);
                continue;
            }
            const remote = remoteOf(copy, source, checksum);
            if (remote !== undefined) this.fetched.push(remote);
            else {
                asked.push(cleanPath(source));
                taken.push({ instruction, line, written, ...placeOf(copy, source), exclude });
            }
        }
        const isKnown = !sources.some(({ source }) => isUnknown(source));
        if (copy.from === undefined) this.readContext(taken, asked);
        else {
            const context = this.contextOf("COPY", copy.from);
            this.readNamed(context, isKnown ? taken : [], isKnown ? asked : [""]);
        }
    }

    private readContext(reads: readonly ContextRead[], asked: readonly string[]): void {
        this.context.push(...reads);
        this.asked.push(...asked);
    }

    private readNamed(
        context: NamedContext | undefined,
        reads: readonly ContextRead[],
        asked: readonly string[],
    ): void {
        if (context === undefined) return;
        const { name, isShared } = context;
        this.named.push({ name, reads, asked: isShared ? [""] : asked });
    }

    private readUnknown(
        copy: CopyInstruction,
        written: string,
        source: Unknown,
        line: number,
    ): void {
        const [start = ""] = source.like?.split(gap) ?? [];
        if (copy.keyword === "ADD") this.fetched.push(...readRemoteStart(start));
        if (beginsRemote(start)) {
            if (copy.keyword === "COPY") throw noRemote(written);
        } else if (copy.from === undefined) {
            this.whole.push({ line, reason: `${copy.keyword} ${written}: ${source.unknown}` });
        }
    }

    private readMount(text: string, line: number): void {
        const mount = readMount(text, (word) => this.variables.expand(word));
        const use = (id: string | Unknown) => ({ line, id, required: mount.required });
        const fallback = isUnknown(mount.target) ? mount.target : baseName(mount.target);
        const target = absolute(mount.target, this.variables.directory);
        this.targets.push({ line, target });
        const unknown = [mount.type, mount.source].find(isUnknown);
        switch (mount.type) {
            case "cache":
                this.caches.push({
                    line,
                    id: mount.id || cleanTarget(mount.target),
                    hasId: mount.id !== "",
                    target,
                    written: text,
                    from: mount.from,
                    cache: mount.cache,
                });
                break;
            case "secret":
                this.secrets.push(use(mount.id || mount.source || fallback));
                return;
            case "ssh":
                this.ssh.push(use(mount.id || "default"));
                return;
            case "tmpfs":
                this.asked.push("");
                break;
            default:
                if (unknown === undefined && !isUnknown(mount.source)) {
                    this.readBind(mount.from, mount.source, line);
                } else if (unknown !== undefined && mount.from === undefined) {
                    this.whole.push({ line, reason: `RUN --mount=${text}: ${unknown.unknown}` });
                } else if (mount.from !== undefined) {
                    this.readNamed(this.contextOf("RUN", mount.from), [], [""]);
                }
        }
        if (isUnknown(mount.type)) return;
        const { directory } = this.variables;
        whenKnown(mount.target, (target) =>
            checkMountTarget(
                `--mount=${text}`,
                target,
                isUnknown(directory) ? undefined : directory,
            ),
        );
    }

    private readBind(from: string | undefined, source: string, line: number): void {
        const path = cleanPath(source);
        const reads: ContextRead[] = [
            { instruction: "RUN", line, written: source, path, wildcards: false, exclude: [] },
        ];
        if (from === undefined) this.readContext(reads, [path]);
        else this.readNamed(this.contextOf("RUN", from), reads, [path]);
    }
}

function whenKnown(value: Value, check: (text: string) => void): void {
    if (!isUnknown(value)) check(value);
}

function isGiven(value: Value): value is string {
    return !isUnknown(value) && value !== "";
}

/** A source that is fetched; undefined for one in the context. @throws InstructionError if not allowed */
function remoteOf(
    copy: CopyInstruction,
    source: string,
    checksum: Value,
): RemoteSource | undefined {
    const remote = readRemote(source);
    if (remote === undefined) {
        if (!isGiven(checksum)) return undefined;
        throw new InstructionError(
            `${copy.keyword} --checksum: expected an https or git source, not ${source}`,
        );
    }
    if (copy.keyword === "COPY") throw noRemote(source);
    if (remote.kind === "git") checkGit(copy, remote, checksum);
    else if (isGiven(checksum)) checkDigest(checksum);
    return remote;
}

function checkGit(copy: CopyInstruction, remote: RemoteSource, checksum: Value): void {
    if (copy.keepGitDir !== undefined && remote.keepGitDir === !copy.keepGitDir) {
        throw new InstructionError(
            "ADD --keep-git-dir conflicts with the address of the repository",
        );
    }
    if (remote.checksum !== undefined && isGiven(checksum) && remote.checksum !== checksum) {
        throw new InstructionError("ADD --checksum conflicts with the address of the repository");
    }
}

function noRemote(source: string): InstructionError {
    return new InstructionError(
        `COPY ${source}: COPY reads only files of the context; use ADD for URLs`,
    );
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

/** The path of a mount in the image. */
function absolute(target: Value, directory: Value): Value {
    if (isUnknown(target)) return target;
    const path = cleanPath(target);
    if (target.startsWith("/")) return `/${path}`;
    return isUnknown(directory)
        ? { ...directory, like: `${directory.like ?? gap}/${path}` }
        : `/${cleanPath(`${directory}/${path}`)}`;
}

function baseName(target: string): string {
    return cleanPath(target).split("/").at(-1) ?? "";
}
