import * as dockerBuild from "@pulumi/docker-build";
import * as pulumi from "@pulumi/pulumi";
import { declareAccess, declareProject } from "../access/declaration";
import { warnOfPublication } from "../access/publication";
import { registrySources } from "../access/registryHost";
import { spreadProject, withGivenPaths } from "../access/sharedProject";
import { UsedProjects } from "../access/usedProjects";
import { UserError } from "../arguments/userError";
import { findFailedInstruction } from "../dockerfile/failedInstruction";
import { withoutStackTraces } from "../engine/stackTraces";
import { hasProject } from "../hooks/harborProjects";
import { imageHooks } from "../hooks/imageHooks";
import { logRegistered } from "../hooks/log";
import { runRecorder } from "../hooks/record/report";
import { sharedBuilderNote } from "../hooks/sharedBuilder";
import { platformSuffix } from "../oci/platform";
import { isPublicPreview } from "../text/placeholder";
import type { CachedImageArgs } from "./args";
import { findBaseDigests, nameByBases } from "./baseDigests";
import { baseCheck } from "./baseTriggers";
import { builderOf } from "./builders";
import { cacheTrustOf } from "./cacheTrust";
import {
    type DeclaredImage,
    declareAppCache,
    declareImage,
    type ImageSurroundings,
} from "./declaration";
import { declareExports } from "./exports";
import { type CachedImagePlan, imagesOfTarget } from "./imagePlan";
import { ownershipFaults } from "./ownership";
import { planCachedImage } from "./plan";
import { digestOf, type PushedImage, pushed, refOf } from "./pushedImage";
import { declareMountSave } from "./savedMounts";
import { declareSignatures } from "./signatures";
import { readSigning, signWarnings } from "./signingKey";
import { checkImageTypes, unknownImageArguments, visibleInputs } from "./specification";

/** Parts of the logical names of the component's children. Renaming one requires an alias. */
const role = {
    project: "project",
    robot: "robot",
    stage: "stage",
    app: "app",
    cache: "cache",
    stamp: "stamp",
    mounts: "mounts",
    export: "export",
    index: "index",
    signature: "signature",
    provenance: "provenance",
    sbom: "sbom",
} as const;

/**
 * Builds the image of a multi-stage Dockerfile and keeps it, with the cache of its stages, in Harbor.
 *
 * Declares the Harbor project (unless `project.existing` is set), a robot account that can only pull
 * and push there (unless `credentials` are set), one image for each builder stage, and the app image.
 * All of them are built from the stack's cache manifest, which holds the layers of every stage; the
 * app image's build writes that manifest. A stack that does not write its cache, or that uses
 * `CacheBackend.Registry`, has no builder-stage images.
 *
 * Images stay in Harbor when you replace, rename or destroy the component, since deployments may be
 * running them. Set `retainImages` to `false` to delete them with the project.
 *
 * @example
 * ```ts
 * const fm = new CachedImage("fm", {
 *     project: { name: "shop" },
 *     context: "./fm",
 *     tags: ["1.4.2"],
 * });
 * export const image = fm.ref; // harbor.example.com/shop/fm:1.4.2@sha256:…
 * ```
 */
export class CachedImage extends pulumi.ComponentResource {
    /** Reference of the app image with its first tag and its digest; unknown in a preview that would change it. */
    public readonly ref!: pulumi.Output<string>;
    /** Digest of the app image's manifest, or of the index that joins several platforms: `sha256:…`. */
    public readonly digest!: pulumi.Output<string>;
    /** References of the app image, with tag and without digest; known in every preview. */
    public readonly references!: pulumi.Output<string[]>;
    /** The builder-stage images by stage; with several platforms by `stage-os-architecture`. */
    public readonly builderImages!: pulumi.Output<Record<string, PushedImage>>;
    /**
     * Digests of pinned base images, by reference; empty with `BaseImagePolicy.Float`. Known in previews,
     * unless the program still has to create the project that holds an image.
     */
    public readonly baseImages!: pulumi.Output<Record<string, string>>;
    /** Name of the Harbor project. A resource that uses it waits until the project exists. */
    public readonly projectName!: pulumi.Output<string>;
    /** Host of the registry. */
    public readonly registry!: pulumi.Output<string>;

    /**
     * @throws UserError with every invalid argument, in previews too.
     */
    constructor(name: string, args: CachedImageArgs, opts: pulumi.ComponentResourceOptions = {}) {
        if (opts.urn) {
            super("harbor-build:index:CachedImage", name, {}, opts);
            return;
        }
        checkImageTypes(name, args);
        const given = args;
        args = spreadProject(args);
        super("harbor-build:index:CachedImage", name, visibleInputs(args), opts);
        const decision = planCachedImage(name, args, {
            stack: pulumi.getStack(),
            ...registrySources(this),
        });
        const faults =
            "faults" in decision
                ? withGivenPaths(decision.faults, given)
                : ownershipFaults({ resource: this, name }, decision.plan);
        if ("faults" in decision || faults.length > 0) {
            throw recorded(name, new UserError(`CachedImage "${name}"`, faults));
        }
        const { plan } = decision;
        for (const warning of [...unknownImageArguments(given), ...plan.warnings]) {
            logRegistered("warning", warning, this);
        }
        for (const note of plan.notes) {
            logRegistered("info", note, this);
        }
        warnOfPublication(this, {
            project: plan.project,
            cacheProject: args.cache?.project,
            isPublic: args.cache?.write === false ? false : args.project.public,
            hasPullAccount: false,
        });
        for (const warning of signWarnings(args)) {
            logRegistered("warning", warning, this);
        }
        const isUntrusted = args.cache?.write === false || isPublicPreview();
        const builders = plan.builds.map(({ platform }) => builderOf(args, platform));
        const shared = isUntrusted ? sharedBuilderNote(builders) : undefined;
        if (shared !== undefined) {
            logRegistered("info", shared, this);
        }
        const project = declareProject(this, `${name}-${role.project}`, args);
        // Name the image, not the component: renaming the component must not change the robot account.
        const image = `${plan.project}/${plan.image}`;
        const description = `Pushes ${image} of stack ${pulumi.getProject()}/${pulumi.getStack()}`;
        const robotName = `${name}-${role.robot}`;
        const used = new UsedProjects(this, name, args, opts, hasProject);
        const access = declareAccess(this, robotName, description, args, project, used);
        const signing = readSigning(name, args);
        const trust = cacheTrustOf(args, signing);
        const hooks = imageHooks(name, {
            ownReferences: ownReferences(plan),
            saves: plan.builds.flatMap(({ mounts }) =>
                mounts === undefined ? [] : [mounts.kept, ...mounts.fallbacks],
            ),
            trustOf: trust?.resolve,
            gatherings: plan.builds.flatMap(({ gathering }) => gathering ?? []),
            pushesIndex: plan.indexes.length > 0,
            judgeMissingProject: (missing) => used.judge(missing),
            findBases: (inputs) => baseCheck(name, args, plan, inputs),
            retry: { locate: (error, inputs) => locateFault(plan, error, inputs) },
        });
        const baseDigests = findBaseDigests(this, name, args, plan, access);
        const surroundings = { parent: this, name, args, plan, access, baseDigests };
        const images = { ...surroundings, hooks, signing, trust };
        const { apps, builderImages } = declareImages(images);

        const index = declareIndexes(images, apps);
        this.ref = withoutStackTraces(() => declareSignatures(images, role, apps, index));
        this.digest = digestOf(this.ref);
        this.references = pulumi.output(nameByBases(plan.references, plan, baseDigests));
        this.builderImages = pulumi.all(builderImages);
        this.baseImages = baseDigests;
        this.projectName = project?.name ?? pulumi.output(plan.project);
        this.registry = pulumi.output(plan.registry);
        this.registerOutputs({
            ref: this.ref,
            digest: this.digest,
            references: this.references,
            builderImages: this.builderImages,
            baseImages: this.baseImages,
            projectName: this.projectName,
            registry: this.registry,
        });
    }
}

/** Adds an error to the report of the run. */
function recorded(name: string, error: UserError): UserError {
    runRecorder()?.refuse(name, error.message);
    return error;
}

/** Finds the failed instruction of an image in the user's Dockerfile instead of the slice. */
function locateFault(
    plan: CachedImagePlan,
    error: string,
    inputs: Record<string, unknown> | undefined,
): string | undefined {
    const { dockerfile, dockerfilePath } = plan;
    const lines = imagesOfTarget(plan, inputs).flatMap(({ slice }) => slice.dockerfile.lines);
    const among = lines.length > 0 ? new Set(lines) : undefined;
    const place = findFailedInstruction(dockerfile, error, among);
    return place === undefined ? undefined : `${dockerfilePath}: ${place}`;
}

/** Every cache reference that this stack writes. */
function ownReferences({ builds }: CachedImagePlan): readonly string[] {
    return builds
        .flatMap(({ builderImages, app, appCache }) => [...builderImages, appCache ?? app])
        .flatMap(({ cache }) => cache.inlineRef ?? cache.registryRef ?? []);
}

/**
 * Declares all images. The images of one builder are built one after the other, since parallel builds
 * on one BuildKit repeat steps (docs/adr/0002); different builders build at the same time
 * (docs/adr/0021).
 */
function declareImages(images: ImageSurroundings) {
    const { args, plan, access } = images;
    const builderImages: Record<string, pulumi.Output<PushedImage>> = {};
    const apps: DeclaredImage[] = [];
    const lastOf = new Map<string | undefined, readonly pulumi.Resource[]>();
    for (const build of plan.builds) {
        const builder = builderOf(args, build.platform);
        let previous = lastOf.get(builder) ?? access.dependencies;
        const suffix = plan.builds.length > 1 ? `-${platformSuffix(build.platform)}` : "";
        for (const image of build.builderImages) {
            const part = `${role.stage}-${image.stage}${suffix}`;
            const { resource } = declareImage(images, image, {
                part,
                role: "stage",
                dependsOn: previous,
            });
            builderImages[`${image.stage}${suffix}`] = pushed(resource);
            previous = [resource];
        }
        const declared = declareImage(images, build.app, {
            part: `${role.app}${suffix}`,
            role: "app",
            stampPart: `${role.stamp}${suffix}`,
            dependsOn: previous,
        });
        const { resource: app, inputs } = declared;
        apps.push(declared);
        const cacheBuild =
            build.appCache === undefined
                ? app
                : declareAppCache(images, `${role.cache}${suffix}`, build.appCache, declared);
        lastOf.set(builder, [cacheBuild]);
        declareExports(images, role.export, { app, inputs, cacheBuild });
        declareMountSave(images, `${role.mounts}${suffix}`, build, app, cacheBuild);
    }
    return { apps, builderImages };
}

/** Declares an index of the platforms' images for each tag; the outputs describe the first index. */
function declareIndexes(
    { parent, name, plan, access: { username, password }, baseDigests }: ImageSurroundings,
    apps: readonly DeclaredImage[],
): dockerBuild.Index | undefined {
    const tags = nameByBases(plan.indexes, plan, baseDigests);
    const [first] = plan.indexes.map(
        (reference, position) =>
            new dockerBuild.Index(
                position === 0
                    ? `${name}-${role.index}`
                    : `${name}-${role.index}-${reference.slice(reference.lastIndexOf(":") + 1)}`,
                {
                    tag: tags[position] ?? reference,
                    sources: apps.map(({ resource }) => refOf(resource)),
                    push: true,
                    registry: { address: plan.registry, username, password },
                },
                { parent, retainOnDelete: true },
            ),
    );
    return first;
}
