import type { OracleAnswer, OracleBuild } from "./oracle";

/** What the ids of carried mounts begin with in the component's slices. */
export const namespace = "harbor.example.com/shop:";

/** The target of cache mounts that the component adds for a case; no Dockerfile has it. */
export const addedTarget = "/harbor-build-added";

/** An operation of BuildKit, as far as mounts matter. */
interface Operation {
    readonly op: {
        readonly Op?: {
            readonly exec?: { readonly mounts?: readonly Mount[] };
            readonly source?: unknown;
            readonly file?: unknown;
        };
    };
    /** `NUMBER:OUTPUT` of other operations. */
    readonly inputs?: readonly string[];
}

interface Mount {
    /** Position among the inputs of the operation; omitted for 0, -1 for none. */
    readonly input?: number;
    readonly dest: string;
    readonly cacheOpt?: { readonly ID: string };
}

/** What is wrong with the added steps, as ids of mounts. */
interface Faults {
    /** Carried mounts that a step uses without waiting for their restore. */
    readonly unrestored: readonly string[];
    /** Mounts that are restored or saved in something other than an image. */
    readonly offImage: readonly string[];
}

/** A build without what carrying adds. */
interface Bare extends Faults {
    readonly build: OracleBuild;
}

/**
 * A step that waits for restores in one image of a component and not in another, so that the images
 * cannot share its result. Compares the lines that each image has once.
 */
export function unsharedStep(dockerfiles: readonly Buffer[]): string | undefined {
    const known = new Map<string, number>();
    for (const lines of dockerfiles.map((text) => text.toString("latin1").split("\n"))) {
        const bare = lines.map((line) =>
            line.replaceAll(waitFlag, "").replaceAll(new RegExp(`,id=${namespace}[^, ]+`, "g"), ""),
        );
        for (const [index, line] of lines.entries()) {
            const step = bare[index] ?? "";
            if (bare.indexOf(step) !== bare.lastIndexOf(step)) continue;
            const waits = line.match(waitFlag)?.length ?? 0;
            if ((known.get(step) ?? waits) !== waits) return step;
            known.set(step, waits);
        }
    }
    return undefined;
}

const waitFlag = / --mount=type=bind,from=harbor-build-linux-restore-\S+/g;

/** Removes from an answer the steps and mounts that carrying adds. */
export function withoutCarrying(answer: OracleAnswer): Faults & { readonly answer: OracleAnswer } {
    const bare = answer.platforms?.map(bareBuild);
    if (bare === undefined) return { answer, unrestored: [], offImage: [] };
    return {
        answer: { ...answer, platforms: bare.map(({ build }) => build) },
        unrestored: bare.flatMap(({ unrestored }) => unrestored),
        offImage: bare.flatMap(({ offImage }) => offImage),
    };
}

function bareBuild(build: OracleBuild): Bare {
    // The oracle prints BuildKit's own JSON.
    const operations = build.operations as readonly Operation[];
    const restored = operations.flatMap(restoredBy);
    const unrestored = operations
        .filter((one) => restoredBy(one).length === 0)
        .flatMap((one) => {
            const ids = mountsOf(one).flatMap(({ cacheOpt }) => cacheOpt?.ID ?? []);
            const carried = [...new Set(ids)].filter((id) => restored.includes(id));
            return mountsOf(one).filter(isWait).length < carried.length ? carried : [];
        });
    const offImage = operations.flatMap((one) =>
        isOnImage(operations, one) ? [] : restoredBy(one),
    );
    const bare = renumber({ ...build, operations: operations.map(withoutMounts) });
    return { build: bare, unrestored, offImage };
}

/** Whether a step runs in an image to which only empty folders were added. */
function isOnImage(operations: readonly Operation[], { inputs = [] }: Operation): boolean {
    const below = operations[Number.parseInt(inputs[0] ?? "", 10)];
    if (below === undefined) return false;
    const { source, file } = below.op.Op ?? {};
    return source !== undefined || (file !== undefined && isOnImage(operations, below));
}

const mountsOf = ({ op }: Operation): readonly Mount[] => op.Op?.exec?.mounts ?? [];
const isWait = ({ dest }: Mount): boolean => dest.startsWith("/.harbor-build-");

/** The ids of the mounts that a step restores; empty for the steps of the Dockerfile. */
function restoredBy(operation: Operation): readonly string[] {
    return mountsOf(operation).flatMap(({ dest, cacheOpt }) =>
        dest === "/.harbor-build/b" ? (cacheOpt?.ID ?? []) : [],
    );
}

function withoutMounts(operation: Operation): Operation {
    const all = mountsOf(operation);
    const mounts = all
        .filter((mount) => !isWait(mount) && mount.dest !== addedTarget)
        .map((mount) => ({ ...mount, ...ownCache(mount) }));
    if (mounts.length === all.length) return operation;
    const used = [...new Set(mounts.map(({ input = 0 }) => input))].filter((input) => input >= 0);
    const relinked = mounts.map((mount) =>
        mount.input !== undefined && mount.input > 0
            ? { ...mount, input: used.indexOf(mount.input) }
            : mount,
    );
    const { op } = operation;
    return {
        ...operation,
        op: { ...op, Op: { ...op.Op, exec: { ...op.Op?.exec, mounts: relinked } } },
        inputs: used.map((input) => operation.inputs?.[input] ?? ""),
    };
}

/** The id of a cache mount without what carrying puts before it. */
function ownCache({ cacheOpt }: Mount): Partial<Mount> {
    const ID = cacheOpt?.ID.replace(`/${namespace}`, "/");
    return cacheOpt === undefined || ID === undefined ? {} : { cacheOpt: { ...cacheOpt, ID } };
}

/** Numbers the operations that the last one needs as the oracle does, and drops the others. */
function renumber(build: OracleBuild): OracleBuild {
    const all = build.operations as readonly Operation[];
    const kept: Operation[] = [];
    const placed = new Map<number, number>();
    const known = new Map<string, number>();
    const visit = (position: number): number => {
        const operation = all[position];
        const place = placed.get(position);
        if (place !== undefined || operation === undefined) return place ?? -1;
        const inputs = (operation.inputs ?? []).map((input) =>
            input.replace(/^\d+/, (number) => String(visit(Number(number)))),
        );
        const { inputs: _, ...rest } = operation;
        const made = inputs.length === 0 ? rest : { ...rest, inputs };
        const text = JSON.stringify(made);
        const number = known.get(text) ?? kept.push(made) - 1;
        known.set(text, number);
        placed.set(position, number);
        return number;
    };
    visit(all.length - 1);
    const reads = build.reads.flatMap((read) => {
        const operation = placed.get(read.operation);
        return operation === undefined ? [] : [{ ...read, operation }];
    });
    return {
        ...build,
        operations: kept,
        reads: reads.sort((a, b) => a.operation - b.operation),
    };
}
