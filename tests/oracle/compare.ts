import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { isDeepStrictEqual } from "node:util";
import type { BuildCase } from "./buildCase";
import { unsharedStep, withoutCarrying } from "./carrying";
import { type Declaration, type DeclaredImage, isFolder } from "./component";
import type { Oracle, OracleAnswer, OracleBuild, OracleRequest } from "./oracle";

/** A difference between what the component builds and what the whole Dockerfile describes. */
export interface Difference {
    readonly kind: /** The component rejects what BuildKit builds. */
        | "refused"
        /** The component accepts what BuildKit rejects. */
        | "accepted"
        /** The slice fails where the whole builds. */
        | "fails"
        /** The slice builds another image. */
        | "other image"
        /** The component does not pass on a secret or an SSH agent that the whole uses. */
        | "not given"
        /** A step uses a carried cache mount without waiting for its restore. */
        | "not restored"
        | "not on its image"
        /** Two images of the component have different forms of a step. */
        | "not shared"
        /** An error that is not meant for users. */
        | "crash";
    /** Target and platform of the image. */
    readonly image: string;
    readonly detail: string;
}

/** Compares what the component builds of a case with what BuildKit makes of the whole. */
export async function compare(
    oracle: Oracle,
    build: BuildCase,
    declaration: Declaration,
): Promise<Difference[]> {
    const image = "the app image";
    if ("crash" in declaration) return [{ kind: "crash", image, detail: declaration.crash }];
    if ("faults" in declaration) {
        const whole = await oracle.ask(wholeRequest(build, build.target, build.platforms));
        return faultOf(whole) === undefined
            ? [{ kind: "refused", image, detail: declaration.faults }]
            : [];
    }
    // When the component reports that the reads are unknown, it cannot know what is missing.
    const isUnsure = declaration.notes.some((note) => /(?:whole|of the build) context/.test(note));
    const differences: Difference[] = [];
    const built = await Promise.all(
        declaration.images.map(async (declared) => ({
            declared,
            answer: await oracle.ask(declared.request),
        })),
    );
    for (const { declared, answer } of built) {
        if (declared.savesMounts) continue;
        differences.push(
            ...(await compareImage(oracle, build, declared, { slice: answer, isUnsure })),
        );
    }
    return [...differences, ...judgeMounts(built, declaration.notes)];
}

/** The faults of the builds that restore and save cache mounts. */
function judgeMounts(
    built: readonly { readonly declared: DeclaredImage; readonly answer: OracleAnswer }[],
    notes: readonly string[],
): Difference[] {
    const isStopped = built.some(({ declared }) => declared.obstacle !== undefined);
    if (isStopped || !built.some(({ declared }) => declared.savesMounts)) return [];
    const differences: Difference[] = [];
    for (const { declared, answer } of built) {
        const { request, savesMounts } = declared;
        const fault = faultOf(answer);
        const image = savesMounts ? "the build that saves mounts" : (request.target ?? "");
        if (savesMounts && fault !== undefined) {
            differences.push({ kind: "fails", image, detail: fault });
        }
        // Another stage may use the mount, and a note reports that stage.
        const isReported = notes.some((note) => note.includes(" is not carried: "));
        const { unrestored, offImage } = withoutCarrying(answer);
        if (offImage.length > 0) {
            differences.push({ kind: "not on its image", image, detail: offImage.join(", ") });
        }
        if (!isReported && unrestored.length > 0) {
            differences.push({ kind: "not restored", image, detail: unrestored.join(", ") });
        }
    }
    const unshared = unsharedStep(built.map(({ declared }) => declared.request.dockerfile));
    return unshared === undefined
        ? differences
        : [...differences, { kind: "not shared", image: "the app image", detail: unshared }];
}

async function compareImage(
    oracle: Oracle,
    build: BuildCase,
    declared: DeclaredImage,
    { slice, isUnsure }: { readonly slice: OracleAnswer; readonly isUnsure: boolean },
): Promise<Difference[]> {
    const { request, obstacle } = declared;
    const { target, platforms } = request;
    const image = [target ?? "the last stage", ...(platforms ?? [])].join(" for ");
    const whole = await oracle.ask(wholeRequest(build, target, platforms));
    const [wholeFault, sliceFault] = [faultOf(whole), faultOf(slice)];
    if (wholeFault !== undefined && isStyle(wholeFault)) return [];
    if (wholeFault !== undefined && [wholeFault, undefined].includes(sliceFault)) {
        if (isUnsure && sliceFault !== undefined) return [];
        const elsewhere = onOtherImages(wholeRequest(build, target, platforms));
        if (faultOf(await oracle.ask(elsewhere)) === undefined) return [];
    }
    const bare = withoutCarrying(slice).answer;
    const difference = differenceOf(build, declared, whole, bare);
    if (obstacle === undefined) return difference === undefined ? [] : [{ ...difference, image }];
    // The hook stops only what would be another image.
    return difference === undefined ? [{ kind: "refused", image, detail: obstacle }] : [];
}

function differenceOf(
    build: BuildCase,
    { secrets, ssh }: DeclaredImage,
    whole: OracleAnswer,
    slice: OracleAnswer,
): Omit<Difference, "image"> | undefined {
    const [wholeFault, sliceFault] = [faultOf(whole), faultOf(slice)];
    if (wholeFault !== undefined) {
        const builds = sliceFault === undefined ? "; the slice builds" : "";
        return { kind: "accepted", detail: `BuildKit: ${wholeFault}${builds}` };
    }
    if (sliceFault !== undefined) return { kind: "fails", detail: sliceFault };
    const detail = firstDifference(comparable(whole), comparable(slice));
    if (detail !== undefined) return { kind: "other image", detail };
    const uses = JSON.stringify(whole.platforms?.map(({ operations }) => operations));
    const lost = [
        ...(build.secrets ?? []).filter((id) => !secrets.includes(id) && usesSecret(uses, id)),
        ...(build.ssh ?? []).filter((id) => !ssh.includes(id) && usesSsh(uses, id)),
    ][0];
    return lost === undefined ? undefined : { kind: "not given", detail: lost };
}

/** Whether operations use a secret: a mount with its id, or a source that BuildKit fetches. */
function usesSecret(operations: string, id: string): boolean {
    const [, git, host] = /^(GIT_AUTH_\w+?)(?:\.(.*))?$/.exec(id) ?? [];
    const [, name] = /^HTTP_AUTH_(?:HEADER|TOKEN)_(.*)$/.exec(id) ?? [];
    const at = (part: string) => `://(?:[^/"]*@)?${part.replaceAll(".", "\\.")}`;
    if (git !== undefined) {
        const url = host === undefined ? "" : `\\w+${at(host)}/`;
        return new RegExp(`"${git}","git\\.(?:[^}]*)fullurl":"${url}`).test(operations);
    }
    return name === undefined
        ? operations.includes(`"ID":${JSON.stringify(id)}`)
        : new RegExp(`"identifier":"https?${at(name)}[:/]`).test(operations);
}

/** Whether operations use an SSH agent; a mount omits the default id. */
function usesSsh(operations: string, id: string): boolean {
    const mount = id === "default" ? '"SSHOpt":{"mode"' : `"ID":${JSON.stringify(id)}`;
    return operations.includes(mount) || operations.includes(`"git.mountsshsock":"${id}"`);
}

/** The build of the whole Dockerfile with the whole context. */
export function wholeRequest(
    build: BuildCase,
    target: string | undefined,
    platforms: readonly string[] | undefined,
): OracleRequest {
    const { dockerfile, context, builder, buildArgs, images } = build;
    const ignorePath = `${dockerfile}.dockerignore`;
    const named = Object.entries(build.namedContexts ?? {});
    return {
        dockerfile: readFileSync(dockerfile),
        ignore: existsSync(ignorePath) ? readFileSync(ignorePath) : undefined,
        context,
        target,
        platforms,
        builder,
        buildArgs,
        namedContexts: Object.fromEntries(
            named.map(([name, at]) => [
                name,
                isFolder(at) ? resolve(context, at) : pinned(at, build.baseImages),
            ]),
        ),
        images,
        anyImage: {},
    };
}

/**
 * The same build on images that set each variable of the Dockerfile and a working directory. A
 * fault that this build lacks depends on the configuration of an image, which a preview does not
 * know.
 */
function onOtherImages(request: OracleRequest): OracleRequest {
    const names = request.dockerfile.toString("latin1").matchAll(/\$\{?(\w+)/g);
    const other = {
        Env: ["PATH=/bin", ...[...names].map(([, name]) => `${name}=1`)],
        WorkingDir: "/elsewhere",
    };
    const images = Object.entries(request.images ?? {}).map(([reference, image]) => {
        const config = Object(image).config;
        return [reference, image === null ? null : { config: { ...config, ...other } }] as const;
    });
    return { ...request, images: Object.fromEntries(images), anyImage: { config: other } };
}

/** An image's location with the digest that mocks and oracle derive from its name. */
function pinned(location: string, policy: BuildCase["baseImages"]): string {
    const image = /^docker-image:\/\/(?!scratch$)([^@]+)$/.exec(location)?.[1];
    if (policy !== "pin" || image === undefined) return location;
    const hash = createHash("sha256").update(image).digest("hex");
    return `${location}@sha256:${hash}`;
}

/** Why a build fails, without running a step. */
function faultOf({ error, platforms = [] }: OracleAnswer): string | undefined {
    const read = platforms.flatMap(({ reads }) => reads).find((one) => one.error !== undefined);
    return error ?? (read === undefined ? undefined : `${read.path}: ${read.error}`);
}

/**
 * Whether a fault is a style violation, which only BuildKit's own checks find. They check the built
 * stages, and `# check=error=true` turns violations into errors.
 */
function isStyle(fault: string): boolean {
    return fault.startsWith("lint violation found");
}

function comparable({ platforms = [] }: OracleAnswer): readonly Partial<OracleBuild>[] {
    return platforms.map(({ operations, config, epoch, reads }) => ({
        operations,
        config,
        epoch,
        reads,
    }));
}

/** The first difference of two values, with both; undefined when they are equal. */
function firstDifference(whole: unknown, slice: unknown, path = ""): string | undefined {
    if (isDeepStrictEqual(whole, slice)) return undefined;
    const isNested = typeof whole === "object" && typeof slice === "object";
    if (!isNested || whole === null || slice === null) {
        return `${path}: whole ${shown(whole)}, slice ${shown(slice)}`;
    }
    for (const key of new Set([...Object.keys(whole), ...Object.keys(slice)])) {
        const members = [Reflect.get(whole, key), Reflect.get(slice, key)] as const;
        const found = firstDifference(...members, `${path}.${key}`);
        if (found !== undefined) return found;
    }
    return undefined;
}

function shown(value: unknown): string {
    return value === undefined ? "nothing" : JSON.stringify(value).slice(0, 500);
}
