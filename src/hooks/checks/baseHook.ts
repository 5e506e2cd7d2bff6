import type * as pulumi from "@pulumi/pulumi";
import { OncePerRun } from "../../engine/currentRun";
import { CacheSourceStatus } from "../../registry/cacheSource";
import { type ConfigAnswer, type ImageConfig, readImageConfig } from "../../registry/imageConfig";
import { locate } from "../../registry/location";
import type { RegistryOptions } from "../../registry/registries";
import { readImageInputs } from "../imageInputs";
import { log } from "../log";
import { loginsOf } from "../logins";

/** A base image of an image to build. */
export interface BaseUse {
    /** As the Dockerfile names it. */
    readonly reference: string;
    /** The reference to request: a mirror's, if there is one. */
    readonly asked: string;
    readonly platform: string | undefined;
}

/** The base images whose ONBUILD triggers may read files that an image's slice lacks. */
export interface BaseCheck {
    readonly bases: readonly BaseUse[];
    /**
     * Base images of all images of the component. They are requested at the same time, so that the
     * checks before the next builds find their answers. @default none
     */
    readonly next?: readonly BaseUse[];
    /** Why the image cannot be built, once their configurations are known; undefined when it can. */
    readonly judge: (known: ReadonlyMap<string, ImageConfig>) => string | undefined;
    /** Whether a base image with an unreadable configuration stops the build. */
    readonly isStrict: boolean;
}

/** Options of a {@link baseHook}. */
export interface BaseHookOptions extends RegistryOptions {
    /** Finds the base images to check, from an image's inputs. @default none */
    readonly findBases?: ((inputs: Record<string, unknown>) => BaseCheck) | undefined;
}

/** Time allowed for one base image, in milliseconds. */
const timeoutMs = 5000;
const asked = new OncePerRun<ConfigAnswer>();
const warned = new OncePerRun<void>();

/**
 * Creates the function of a hook that reads the configurations of base images before a build. BuildKit
 * runs their ONBUILD triggers, and silently copies fewer files if the image's slice lacks some
 * (docs/adr/0011). The hook requests each base image once per run.
 */
export function baseHook(options: BaseHookOptions): pulumi.ResourceHookFunction {
    return async ({ urn, newInputs = {} }) => {
        const check = options.findBases?.(newInputs);
        if (check === undefined || check.bases.length === 0) {
            return;
        }
        const { known, unread } = await readBases(check, newInputs, options);
        const obstacle = check.judge(known);
        if (obstacle !== undefined) {
            throw new Error(obstacle);
        }
        if (check.isStrict && unread.length > 0) {
            throw new Error(unread.map(({ message }) => message).join("\n"));
        }
        for (const { asked, message } of unread) {
            await warned.ask(asked, () => log("warning", message, urn));
        }
    };
}

/** Requests the configurations of base images. @internal */
export async function readBases(
    { bases, next = [] }: BaseCheck,
    newInputs: Record<string, unknown>,
    options: BaseHookOptions,
) {
    const inputs = await readImageInputs(newInputs);
    const logins = loginsOf(inputs, options);
    // A preview cannot ask the account's registry before the account exists; the deployment that creates
    // the account does. "unknown" instead of a list of logins always means that account.
    const own = new Set([...inputs.tags, ...inputs.cacheTo].map((one) => locate(one).registry));
    const isAskable = ({ asked }: BaseUse) => {
        const { registry } = locate(asked);
        return !own.has(registry) || inputs.login(registry) !== "unknown";
    };
    const ask = async (base: BaseUse) => {
        const login = await logins(locate(base.asked).registry);
        const key = `${login?.username ?? ""} ${base.asked} ${base.platform ?? ""}`;
        const answer = await asked.ask(key, () =>
            readImageConfig(base.asked, base.platform, logins, {
                ...options,
                timeoutMs,
                retry: { attemptsMax: 2 },
            }),
        );
        return { base, answer };
    };
    // The check before a later build reports what these answers say.
    for (const base of next.filter(isAskable)) void ask(base).catch(() => undefined);
    const answers = await Promise.all(bases.filter(isAskable).map(ask));
    const known = new Map<string, ImageConfig>();
    const unread: { readonly asked: string; readonly message: string }[] = [];
    for (const { base, answer } of answers) {
        if ("config" in answer) {
            known.set(base.reference, answer.config);
        } else if (answer.status !== CacheSourceStatus.Missing) {
            // BuildKit's own error explains a missing image.
            unread.push({ asked: base.asked, message: unreadMessage(base, answer.reason) });
        }
    }
    return { known, unread };
}

function unreadMessage({ reference, asked }: BaseUse, reason: string): string {
    const place = reference === asked ? "" : ` (requested as ${asked})`;
    return (
        `cannot check the base image ${reference}${place} for ONBUILD triggers: ${reason}. ` +
        "If it has triggers that read files, use slicing: SlicePolicy.Whole. If its registry has a " +
        "mirror that this machine reaches, name the mirror in baseImageMirrors."
    );
}
