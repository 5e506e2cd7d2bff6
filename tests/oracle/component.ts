import { readFileSync, rmSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { setImmediate } from "node:timers/promises";
import * as pulumi from "@pulumi/pulumi";
import type { CachedImageArgs } from "../../src/index";
import { known } from "../support/mocks";
import type { BuildCase } from "./buildCase";
import { addedTarget } from "./carrying";
import type { OracleRequest } from "./oracle";

/** One image as the component passes it to docker-build. */
export interface DeclaredImage {
    readonly request: OracleRequest;
    /** The inputs of docker-build's resource. */
    readonly inputs: object;
    /** Ids of the image's secrets and SSH agents. */
    readonly secrets: readonly string[];
    readonly ssh: readonly string[];
    /** Why the component's hook stops the build; undefined when the build continues. */
    readonly obstacle: string | undefined;
    /** Whether this is the build that saves cache mounts, not an image of the Dockerfile. */
    readonly savesMounts: boolean;
}

/** The component's result for a case. */
export type Declaration =
    /** The images, with what the component logs about them. */
    | { readonly images: readonly DeclaredImage[]; readonly notes: readonly string[] }
    /** Why the component rejects the case. */
    | { readonly faults: string }
    /** An error that is not meant for users. */
    | { readonly crash: string };

interface ImageInputs {
    readonly context: {
        readonly location: string;
        readonly named?: Readonly<Record<string, { readonly location: string }>>;
    };
    readonly dockerfile: { readonly location: string } | { readonly inline: string };
    readonly target?: string;
    readonly platforms?: readonly string[];
    readonly buildArgs?: Readonly<Record<string, string>>;
    readonly secrets?: unknown;
    readonly ssh?: readonly { readonly id: string }[];
}

/**
 * The modules that declare a case; loaded after the mocks are set, because they load Pulumi's
 * resources.
 */
export interface Component {
    readonly CachedImage: typeof import("../../src/index").CachedImage;
    readonly planCachedImage: typeof import("../../src/image/plan").planCachedImage;
    readonly baseCheck: typeof import("../../src/image/baseTriggers").baseCheck;
}

const registry = "harbor.example.com";
const images: { readonly inputs: ImageInputs }[] = [];
const notes: string[] = [];
let count = 0;
const surroundings = {
    stack: "dev",
    configUrl: `https://${registry}`,
    environmentUrl: undefined,
    explicitProvider: false,
};
/** Number of cases in one run of a program. */
const casesOfRun = 500;

/** Sets Pulumi's mocks and then loads the component, which must not be loaded before. */
export async function loadComponent(): Promise<Component> {
    pulumi.runtime.setConfig("harbor:url", `https://${registry}`);
    await setMocks();
    for (const level of ["info", "warn"]) {
        Reflect.set(pulumi.log, level, async (note: string) => void notes.push(note));
    }
    return {
        ...require("../../src/index"),
        ...require("../../src/image/plan"),
        ...require("../../src/image/baseTriggers"),
    };
}

function setMocks(): Promise<void> {
    return pulumi.runtime.setMocks(
        {
            newResource({ type, name, inputs }) {
                if (type === "docker-build:index:Image") images.push({ inputs });
                return { id: name, state: { ...inputs, digest: "sha256:0", ref: name } };
            },
            call: () => ({ id: "/projects/7" }),
        },
        "test",
        "dev",
    );
}

/** Declares a case's images with the component, as a program would, and reads them. */
export async function declare<T>(
    component: Component,
    build: BuildCase,
    look: (declaration: Declaration) => Promise<T>,
): Promise<T> {
    images.length = 0;
    notes.length = 0;
    const declaration = await declareOnce(component, build);
    const folders = images.map(({ inputs: { context, dockerfile } }) =>
        "inline" in dockerfile ? context.location : dirname(dockerfile.location),
    );
    try {
        return await look(declaration);
    } finally {
        for (const folder of folders) rmSync(folder, { recursive: true, force: true });
    }
}

/**
 * Declares a case's images in a run of their own, as the next `pulumi up` does after an edit. What the
 * component writes stays for the next run.
 */
export async function declareAgain(component: Component, build: BuildCase): Promise<Declaration> {
    images.length = 0;
    notes.length = 0;
    // Of the run before: what a component registers after its result is known.
    await pulumi.runtime.disconnect();
    await setMocks();
    return attempt(component, build, "again");
}

async function declareOnce(component: Component, build: BuildCase): Promise<Declaration> {
    // A run keeps all of its resources; new mocks start a new run.
    if (++count % casesOfRun === 0) await setMocks();
    return attempt(component, build, `case-${count}`);
}

async function attempt(component: Component, build: BuildCase, name: string): Promise<Declaration> {
    const args = argsOf(build);
    try {
        const image = new component.CachedImage(name, args);
        await known(image.ref);
        await savesDeclared(component, name, args);
        const obstacles = images.map(({ inputs }) =>
            obstacleOf(component, name, args, build, inputs),
        );
        return {
            images: images.map(({ inputs }, index) => declared(build, inputs, obstacles[index])),
            notes: [...notes],
        };
    } catch (error) {
        if (error instanceof Error && error.name === "UserError") return { faults: error.message };
        return { crash: String(error instanceof Error ? error.stack : error) };
    }
}

/** The hook's result for an image whose bases have the triggers of the case; mocks run no hooks. */
function obstacleOf(
    { planCachedImage, baseCheck }: Component,
    name: string,
    args: CachedImageArgs,
    { images: configs }: BuildCase,
    inputs: ImageInputs,
): string | undefined {
    if (configs === undefined) return undefined;
    const decision = planCachedImage(name, args, surroundings);
    if ("faults" in decision) return undefined;
    const check = baseCheck(name, args, decision.plan, { target: inputs.target });
    const found = check.bases.flatMap(({ reference }) => {
        const config: unknown = Reflect.get(Object(configs[reference]), "config");
        return config === undefined ? [] : [[reference, imageConfig(config)] as const];
    });
    return check.judge(new Map(found));
}

/** Waits for the builds that save mounts, which the component declares after the app images. */
async function savesDeclared(
    { planCachedImage }: Component,
    name: string,
    args: CachedImageArgs,
): Promise<void> {
    const decision = planCachedImage(name, args, surroundings);
    const builds = "plan" in decision ? decision.plan.builds : [];
    const expected = builds.filter(({ mounts }) => mounts !== undefined).length;
    const isComplete = () =>
        images.filter(({ inputs }) => "inline" in inputs.dockerfile).length === expected;
    for (const deadline = Date.now() + 5000; !isComplete() && Date.now() < deadline; ) {
        await setImmediate();
    }
    if (!isComplete()) throw new Error("a build that saves mounts is missing");
}

function imageConfig(config: unknown) {
    const { Env = [], OnBuild = [] } = Object(config);
    const variables = (Env as readonly string[]).map((one) => one.split(/=(.*)/s, 2));
    return { env: Object.fromEntries(variables), triggers: OnBuild };
}

function argsOf(build: BuildCase): CachedImageArgs {
    const { context, target, platforms, baseImages, builderStages, slicing } = build;
    const folder = (location: string) =>
        isFolder(location) ? resolve(context, location) : location;
    const named = Object.entries(build.namedContexts ?? {});
    return {
        project: { name: "shop", existing: true },
        credentials: { username: "robot", password: "secret" },
        context,
        dockerfile: build.dockerfile,
        ...(target === undefined ? {} : { target }),
        ...(platforms === undefined ? {} : { platforms: [...platforms] }),
        ...(build.buildArgs === undefined ? {} : { buildArgs: buildArgsOf(build) }),
        ...(named.length === 0
            ? {}
            : { namedContexts: Object.fromEntries(named.map(([key, at]) => [key, folder(at)])) }),
        ...(baseImages === undefined ? {} : { baseImages }),
        ...(slicing === undefined ? {} : { slicing }),
        ...(builderStages === undefined ? {} : { builderStages: [...builderStages] }),
        secrets: Object.fromEntries((build.secrets ?? []).map((id) => [id, "value"])),
        ssh: (build.ssh ?? []).map((id) => ({ id })),
        cache: { carryMounts: build.carries === true },
        cacheMounts: Object.fromEntries(
            (build.mountedStages ?? []).map((stage) => [stage, [addedTarget]]),
        ),
    };
}

function buildArgsOf({ buildArgs = {}, outputs }: BuildCase): CachedImageArgs["buildArgs"] {
    if (outputs === "all") return pulumi.output(buildArgs);
    if (outputs === undefined) return { ...buildArgs };
    return Object.fromEntries(
        Object.entries(buildArgs).map(([name, value]) => [name, pulumi.output(value)]),
    );
}

/** Whether docker-build reads a named context's location as a folder. */
export function isFolder(location: string): boolean {
    return !/^(?:[a-z0-9+-]+:\/\/|git@)/.test(location);
}

function declared(
    build: BuildCase,
    inputs: ImageInputs,
    obstacle: string | undefined,
): DeclaredImage {
    const named = Object.entries(inputs.context.named ?? {});
    return {
        inputs,
        request: {
            ...filesOf(inputs),
            context: resolve(inputs.context.location),
            target: inputs.target,
            platforms: inputs.platforms,
            builder: build.builder,
            buildArgs: inputs.buildArgs,
            namedContexts: Object.fromEntries(
                named.map(([name, { location: at }]) => [name, isFolder(at) ? resolve(at) : at]),
            ),
            images: build.images,
            anyImage: {},
        },
        secrets: Object.keys(unwrap(inputs.secrets)),
        ssh: (inputs.ssh ?? []).map(({ id }) => id),
        obstacle,
        savesMounts: "inline" in inputs.dockerfile,
    };
}

function filesOf({ dockerfile }: ImageInputs): Pick<OracleRequest, "dockerfile" | "ignore"> {
    if ("inline" in dockerfile) return { dockerfile: Buffer.from(dockerfile.inline) };
    const { location } = dockerfile;
    return {
        dockerfile: readFileSync(location),
        ignore: readFileSync(`${location}.dockerignore`),
    };
}

/** The value of a secret, which the mocks receive in Pulumi's wrapping. */
function unwrap(secrets: unknown): object {
    const value: unknown = Reflect.get(Object(secrets), "value") ?? secrets;
    return Object(value);
}
