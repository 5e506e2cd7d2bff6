import * as pulumi from "@pulumi/pulumi";
import type { CacheMountsPlan } from "../cache/references";
import { hookName, inItsRun, observing, takesHooks } from "../engine/hook";
import { RestoreOutcome, SaveOutcome } from "../mounts/outcome";
import type { CacheTrust } from "../registry/cacheTrust";
import { dropMounts, keepMounts, type MountSave } from "../registry/mountSaves";
import type { RegistryOptions } from "../registry/registries";
import { reasonOf } from "../text/reason";
import { harborAccess } from "./harborAccess";
import { type ImageInputs, readImageInputs } from "./imageInputs";
import { log, showWait } from "./log";
import { loginsOf } from "./logins";
import { openHistory } from "./openHistory";
import type { SaveRecorder } from "./record/saveRecorder";

/** Time limit for keeping saves, in milliseconds: a few manifests are read, and two are written. */
const timeoutMs = 20_000;

/** The mounts that one build saves. */
export interface SavingMounts {
    readonly references: CacheMountsPlan;
    /** Ids of the mounts, in the order in which the build saves them. */
    readonly ids: readonly string[];
    /** Largest mount to save, in bytes. */
    readonly bytesMax: number;
    /** The keys of signed caches; resolves while a deployment runs. @default saves are not signed */
    readonly trustOf?: (() => Promise<CacheTrust>) | undefined;
}

/**
 * Creates the hooks for the docker-build Image that saves cache mounts. After the build, the hooks keep
 * what it saved; before a build with `noCache`, they drop the earlier saves. They never fail: the image is
 * pushed already.
 *
 * @param recorder records the saves in the report of the run; undefined without a report
 * @returns undefined in tests with Pulumi's mocks, where no engine calls hooks.
 */
export function mountsHooks(
    name: string,
    saving: SavingMounts,
    recorder?: SaveRecorder,
): pulumi.ResourceHookBinding | undefined {
    if (!takesHooks()) {
        return undefined;
    }
    const { references, ids, trustOf } = saving;
    const build = ({ builder }: ImageInputs) => ({ tags: [references.candidate], builder });
    const access = { ...harborAccess({}), timeoutMs };
    const { drop, keep } = savesOf(references, ids.length, access, trustOf);
    const before = hookOf("mounts-before", async (inputs) => {
        await drop(inputs);
        await recorder?.before(build(inputs));
    });
    const after = hookOf("mounts", async (inputs, urn) => {
        const saves = await showWait("waiting for the registry: cache mounts", urn, keep(inputs));
        for (const warning of saveWarnings(saves, saving)) {
            await log("warning", warning, urn);
        }
        await recorder?.after(build(inputs), saves);
    });
    return {
        beforeCreate: [before],
        beforeUpdate: [before],
        afterCreate: [after],
        afterUpdate: [after],
    };

    function hookOf(role: string, act: (inputs: ImageInputs, urn: string) => Promise<void>) {
        return new pulumi.ResourceHook(
            hookName(name, role),
            inItsRun(
                observing(async ({ urn, newInputs }: pulumi.ResourceHookArgs) =>
                    act(await readImageInputs(newInputs), urn),
                ),
            ),
        );
    }
}

/** What happens to saves before and after a build. @internal */
export function savesOf(
    references: CacheMountsPlan,
    count: number,
    options: RegistryOptions,
    trustOf?: () => Promise<CacheTrust>,
) {
    let isDropped = false;
    const dropNow = async (inputs: ImageInputs) => {
        const trust = await trustOf?.();
        await dropMounts(references, loginsOf(inputs, options), { ...options, trust });
        isDropped = true;
    };
    const keepNow = async (inputs: ImageInputs, fallbacks: readonly string[]) => {
        const trust = await trustOf?.();
        const candidate = trust
            ? await writtenBy(references.candidate, inputs, options)
            : references.candidate;
        if (typeof candidate !== "string") return candidate;
        const places = { ...references, fallbacks, candidate };
        return keepMounts(places, count, loginsOf(inputs, options), { ...options, trust });
    };
    return {
        /** Drops the earlier saves, which a build with `noCache` does not trust. */
        drop: async (inputs: ImageInputs) => {
            // Without an answer, keep() tries again.
            if (inputs.noCache) await dropNow(inputs).catch(() => undefined);
        },
        keep: async (inputs: ImageInputs) => {
            const fallbacks = inputs.noCache ? [] : references.fallbacks;
            if (!inputs.noCache || isDropped) {
                return keepNow(inputs, fallbacks);
            }
            // The save in the registry may be that of an earlier build.
            const late = "earlier saves, which noCache does not trust, were dropped with it";
            return { reason: await dropNow(inputs).then(() => late, reasonOf) };
        },
    };
}

/** The reference of a save with the digest that BuildKit recorded: its tag may have moved since. */
async function writtenBy(candidate: string, { builder }: ImageInputs, options: RegistryOptions) {
    const written = await openHistory(options.env).findCacheManifest({
        tags: [candidate],
        builder,
    });
    if ("reason" in written) return written;
    const { digest } = written;
    return digest === undefined ? { reason: "the build wrote no save" } : `${candidate}@${digest}`;
}

/**
 * Warnings: why a mount of this build was empty, and why the next new builder gets an empty or
 * older mount.
 * @internal
 */
export function saveWarnings(
    saves: readonly MountSave[] | { readonly reason: string },
    { ids, bytesMax }: Pick<SavingMounts, "ids" | "bytesMax">,
): readonly string[] {
    if ("reason" in saves) {
        return [
            `the cache mounts ${ids.join(", ")} are not saved: ${saves.reason}. ` +
                "The next new builder restores the last save, if there is one.",
        ];
    }
    return saves.flatMap((save, index) => {
        const mount = `the cache mount ${ids[index]}`;
        return [...restoreWarning(mount, save), ...saveWarning(mount, save, bytesMax)];
    });
}

const restoreFaults: Readonly<Record<RestoreOutcome, string | undefined>> = {
    [RestoreOutcome.Done]: undefined,
    [RestoreOutcome.Damaged]: "is damaged",
    [RestoreOutcome.Foreign]: "is from another architecture or another program",
    [RestoreOutcome.Missing]: "is missing in the registry",
};

function restoreWarning(mount: string, { restore }: MountSave): readonly string[] {
    const fault = restoreFaults[restore];
    return fault === undefined
        ? []
        : [`${mount} was not restored: its save ${fault}. The build started with an empty mount.`];
}

function saveWarning(
    mount: string,
    { outcome, bytes, before }: MountSave,
    bytesMax: number,
): readonly string[] {
    switch (outcome) {
        case SaveOutcome.TooLarge:
            return [
                `${mount} is not saved: it is larger than ${bytesMax} bytes. Fix: raise cache.mountBytesMax, or clean the mount.`,
            ];
        case SaveOutcome.NoTar:
            return [
                `${mount} is not saved: the base image of its stage has no tar. Fix: use a base image with tar.`,
            ];
        case SaveOutcome.Changing:
            return [
                `${mount} is not saved: another build on the same builder changed its files meanwhile. The last save stays, and the next build saves the mount.`,
            ];
        case SaveOutcome.Shrunk:
            return [
                `${mount} is not saved: the new save has ${bytes} bytes, the last one ${before}, which stays. If the next save is as small, it replaces the last one.`,
            ];
        default:
            return [];
    }
}
