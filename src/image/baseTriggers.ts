import { type Fault, UserError } from "../arguments/userError";
import { mirroredReference } from "../bases/mirrors";
import { imagesOf } from "../bases/pins";
import { BaseImagePolicy } from "../bases/policy";
import { type BaseImage, DockerfileError, isUnknown } from "../dockerfile";
import type { Assignment } from "../dockerfile/instruction";
import { readTrigger } from "../dockerfile/trigger";
import type { BaseCheck, BaseUse } from "../hooks/checks/baseHook";
import { normalizePlatform } from "../oci/platform";
import { type Slice, sliceContext } from "../slice";
import { printable } from "../text/printable";
import type { CachedImageArgs } from "./args";
import { allImages, type CachedImagePlan, imagesOfTarget } from "./imagePlan";
import { passedOn } from "./passedOn";

/** The base image of one stage. */
interface Base extends BaseUse {
    readonly line: number;
    /** The name of the named context that replaces the image, or the reference in the Dockerfile. */
    readonly key: string;
}

/** Checks the base images of one image of the component; `inputs` identify the image. */
export function baseCheck(
    name: string,
    args: CachedImageArgs,
    plan: CachedImagePlan,
    inputs: Record<string, unknown>,
): BaseCheck {
    const all = allImages(plan)
        .filter(({ slice }) => slice.whole === undefined)
        .map((image) => ({ image, bases: basesOf(image.slice, image.platform, args, plan) }));
    const own = imagesOfTarget(plan, inputs);
    const uses = all.filter(({ image }) => own.includes(image));
    return {
        bases: uses.flatMap(({ bases }) => bases),
        next: all.flatMap(({ bases }) => bases),
        isStrict: args.baseImages === BaseImagePolicy.Pin,
        judge: (known) => {
            for (const { image, bases } of uses) {
                const fault = findFault(image.slice, bases, known, args, plan);
                if (fault !== undefined) {
                    return new UserError(`CachedImage "${name}"`, [fault]).message;
                }
            }
            return undefined;
        },
    };
}

/** The base images from registries of a slice's stages, without duplicates. */
function basesOf(
    { reads }: Slice,
    platform: string | undefined,
    { baseImageMirrors = {} }: CachedImageArgs,
    { namedContexts }: CachedImagePlan,
): readonly Base[] {
    const contexts = imagesOf(namedContexts);
    const bases = reads.stages.flatMap(({ stage }) => {
        const { base, line } = stage;
        if (base.kind !== "image" && base.kind !== "context") {
            return [];
        }
        const key = base.kind === "image" ? base.reference : base.name;
        const reference = base.kind === "image" ? key : contexts[key];
        const own = stage.platform;
        const built = own === undefined || isUnknown(own) ? platform : normalizePlatform(own);
        return reference === undefined
            ? []
            : [
                  {
                      reference,
                      asked: mirroredReference(reference, baseImageMirrors),
                      platform: built,
                      line,
                      key,
                  },
              ];
    });
    return [...new Map(bases.map((base) => [base.key, base])).values()];
}

/**
 * The fault of the first trigger that needs more than the slice has, or that the steps for carried
 * cache mounts cannot run; undefined for none.
 */
function findFault(
    slice: Slice,
    bases: readonly Base[],
    known: ReadonlyMap<string, BaseImage>,
    args: CachedImageArgs,
    plan: CachedImagePlan,
): Fault | undefined {
    const all = new Map(
        bases.flatMap(({ key, reference }) => {
            const { env } = known.get(reference) ?? {};
            return env === undefined ? [] : [[key, { env, triggers: [] as readonly string[] }]];
        }),
    );
    for (const base of bases) {
        const { triggers = [], env = {} } = known.get(base.reference) ?? {};
        for (const [index, trigger] of triggers.entries()) {
            all.set(base.key, { env, triggers: triggers.slice(0, index + 1) });
            const gap = gapOf(slice, Object.fromEntries(all), args, plan);
            const place = `the base image "${base.reference}" (${plan.dockerfilePath}, line ${base.line})`;
            if (gap !== undefined) {
                const message =
                    `${place} has the trigger "ONBUILD ${printable(trigger)}", which needs more than the component gives ` +
                    `the build: ${gap}. Use SlicePolicy.Whole.`;
                return { path: "slicing", message };
            }
            if (isCarrying(slice, base) && isWork(trigger)) {
                const message =
                    `${place} has the trigger "ONBUILD ${printable(trigger)}", which would also run in the stages that ` +
                    "restore and save cache mounts. Leave carryMounts off.";
                return { path: "cache.carryMounts", message };
            }
        }
    }
    return undefined;
}

/** Whether cache mounts are restored and saved on a base image. */
function isCarrying({ carriedMounts }: Slice, { key }: Base): boolean {
    return carriedMounts.some(({ base }) => base === key);
}

/** Whether a trigger copies files or runs a program: both can fail where a stage has no files. */
function isWork(trigger: string): boolean {
    return ["copy", "run"].includes(readTrigger(trigger).kind);
}

/** What the triggers of base images need and the slice lacks; undefined for nothing. */
function gapOf(
    slice: Slice,
    baseImages: Readonly<Record<string, BaseImage>>,
    args: CachedImageArgs,
    { namedContexts }: CachedImagePlan,
): string | undefined {
    const { request } = slice;
    let needed: Slice;
    try {
        const known = { ...request.options?.baseImages, ...baseImages };
        needed = sliceContext({ ...request, options: { ...request.options, baseImages: known } });
    } catch (error) {
        if (error instanceof DockerfileError) {
            return error.failures.map(({ reason }) => reason).join("; ");
        }
        throw error;
    }
    if (needed.whole !== undefined) {
        return needed.whole;
    }
    const stages = new Set(slice.reads.stages.map(({ stage }) => stage.index));
    const stage = needed.reads.stages.find(({ stage }) => !stages.has(stage.index))?.stage;
    if (stage !== undefined) {
        return `the stage "${stage.label}"`;
    }
    const lines = new Set([0, ...slice.dockerfile.lines]);
    const line = needed.dockerfile.lines.find((line) => !lines.has(line));
    if (line !== undefined) {
        return `line ${line} of the Dockerfile`;
    }
    const has = passedOn(slice);
    const triggered = triggeredArgs(needed);
    const reads = passedOn(
        needed,
        triggered.map(({ name }) => name),
    );
    const values = Object.entries(args.buildArgs ?? {});
    const given = [
        [
            "buildArg",
            "the build argument",
            values.flatMap(([name, value]) => (isDefault(triggered, name, value) ? [] : [name])),
        ],
        ["secret", "the secret", Object.keys(args.secrets ?? {})],
        ["ssh", "the ssh id", (args.ssh ?? []).map(({ id = "default" }) => id)],
        ["context", "the named context", Object.keys(namedContexts)],
    ] as const;
    for (const [kind, word, names] of given) {
        const missing = names.find((name) => reads[kind](name) && !has[kind](name));
        if (missing !== undefined) {
            return `${word} "${missing}"`;
        }
    }
    const { nodes } = slice.selection;
    const missing = [...needed.selection.nodes].filter(
        (node) => node.path !== "" && !nodes.has(node),
    );
    const file = missing.find(({ kind }) => kind !== "directory");
    if (file !== undefined) {
        return `the file "${file.path}"`;
    }
    const [folder] = missing;
    if (folder !== undefined) {
        return `the empty folder "${folder.path}"`;
    }
    // All that is left are empty stages, which keep the number of the stage that a trigger names.
    return needed.dockerfile.lines.length === slice.dockerfile.lines.length
        ? undefined
        : "it names a stage by number, and leaving out other stages changes that number";
}

/** The build arguments that triggers declare, with their defaults. */
function triggeredArgs({ reads }: Slice): readonly Assignment[] {
    return reads.stages.flatMap(({ stage }) =>
        stage.instructions.flatMap(({ triggered, body }) =>
            triggered && body.kind === "arg" ? body.args : [],
        ),
    );
}

/** Whether the triggers' default for a build argument equals the given value. */
function isDefault(triggered: readonly Assignment[], name: string, value: unknown): boolean {
    const declared = triggered.filter((arg) => arg.name === name);
    const isPlain = typeof value === "string" && /^[\w.-]+$/.test(value);
    return isPlain && declared.length > 0 && declared.every((arg) => arg.value === value);
}
