import { relative, sep } from "node:path";
import * as dockerBuild from "@pulumi/docker-build";
import * as harbor from "@pulumi/harbor";
import * as pulumi from "@pulumi/pulumi";
import { type CachedImageArgs, PreviewMode } from "./cachedImageArgs";
import { type CachedImagePlan, type ImagePlan, planCachedImage } from "./cachedImagePlan";
import { writeSlice } from "./context";
import { isPredefinedArg } from "./dockerfile/variables";
import { makeSliceFolder } from "./sliceFolder";
import { UserError } from "./userError";

/** Parts of the logical names of the component's children. Renaming one takes an alias. */
const role = { project: "project", robot: "robot", stage: "stage", app: "app" } as const;

/** One image that the component pushed. */
export interface PushedImage {
    /** Reference with tag and digest. */
    readonly ref: string;
    /** Digest of the manifest, `sha256:…`. */
    readonly digest: string;
}

/**
 * A multi-stage Dockerfile's image with its builder-stage images as cache, in one Harbor project.
 *
 * Declares the project (unless it exists already), a robot account that can pull and push there and
 * nothing else (unless credentials are given), one image for each builder stage with inline cache,
 * and the app image that is built from those caches and its own last one.
 *
 * Images stay in Harbor when they are replaced, renamed or destroyed: something may be running them.
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
    /** Reference of the app image, with its first tag and its digest; before it is pushed, without digest. */
    public readonly ref!: pulumi.Output<string>;
    /** Digest of the app image's manifest, `sha256:…`. */
    public readonly digest!: pulumi.Output<string>;
    /** The builder-stage images, by stage. */
    public readonly builderImages!: pulumi.Output<Record<string, PushedImage>>;
    /** Name of the Harbor project. */
    public readonly projectName!: pulumi.Output<string>;
    /** Host of the registry. */
    public readonly registry!: pulumi.Output<string>;

    /**
     * @throws UserError naming every argument that cannot be used, in previews too.
     */
    constructor(name: string, args: CachedImageArgs, opts: pulumi.ComponentResourceOptions = {}) {
        super("harbor-build:index:CachedImage", name, visibleInputs(args), opts);
        if (opts.urn) {
            return;
        }
        const decision = planCachedImage(name, args, {
            stack: pulumi.getStack(),
            configUrl: new pulumi.Config("harbor").get("url"),
            environmentUrl: process.env["HARBOR_URL"],
            explicitProvider: this.getProvider("harbor:index/project:Project") !== undefined,
        });
        if ("faults" in decision) {
            throw new UserError(`CachedImage "${name}"`, decision.faults);
        }
        const { plan } = decision;
        for (const note of plan.notes) {
            void pulumi.log.info(note, this);
        }
        const project = declareProject(this, name, args);
        const access = declareAccess(this, name, args, project);
        const images = { parent: this, plan, args, access };
        const builderImages: Record<string, dockerBuild.Image> = {};
        // One after the other: solved at once on one BuildKit, an importer that knows a step but has
        // no layer of it can win, and the step runs again (docs/adr/0002).
        let previous = access.dependencies;
        for (const image of plan.builderImages) {
            const childName = `${name}-${role.stage}-${image.stage}`;
            const resource = declareImage(images, childName, image, previous);
            builderImages[image.stage] = resource;
            previous = [resource];
        }
        const app = declareImage(images, `${name}-${role.app}`, plan.app, previous);

        this.ref = app.ref;
        this.digest = app.digest;
        this.builderImages = pulumi.all(
            Object.fromEntries(
                Object.entries(builderImages).map(([stage, { ref, digest }]) => [
                    stage,
                    pulumi.all([ref, digest]).apply(([ref, digest]) => ({ ref, digest })),
                ]),
            ),
        );
        this.projectName = pulumi.output(plan.project);
        this.registry = pulumi.output(plan.registry);
        this.registerOutputs({
            ref: this.ref,
            digest: this.digest,
            builderImages: this.builderImages,
            projectName: this.projectName,
            registry: this.registry,
        });
    }
}

/**
 * The arguments as the state shows them: paths relative to the program's folder, since absolute ones
 * differ between machines, and a password given in the clear as a secret.
 */
function visibleInputs({
    context,
    dockerfile,
    credentials,
    ...args
}: CachedImageArgs): pulumi.Inputs {
    const inputs: pulumi.Inputs = { ...args, context: relativePath(context) };
    if (dockerfile !== undefined) {
        inputs["dockerfile"] = relativePath(dockerfile);
    }
    if (credentials !== undefined) {
        inputs["credentials"] = { ...credentials, password: pulumi.secret(credentials.password) };
    }
    return inputs;
}

function relativePath(path: string): string {
    return relative("", path).replaceAll(sep, "/") || ".";
}

function declareProject(
    parent: CachedImage,
    name: string,
    { project, retainImages = true }: CachedImageArgs,
): harbor.Project | undefined {
    if (project.existing) {
        return undefined;
    }
    return new harbor.Project(
        `${name}-${role.project}`,
        {
            name: project.name,
            public: project.public,
            storageQuota: project.storageQuota,
            forceDestroy: !retainImages,
        },
        {
            parent,
            // Harbor refuses to delete a project that holds images, and those stay.
            retainOnDelete: retainImages,
            ...(project.import === undefined ? {} : { import: project.import }),
        },
    );
}

/** How the images are pushed, and what must exist before. */
interface Access {
    readonly username: pulumi.Input<string>;
    readonly password: pulumi.Input<string>;
    readonly dependencies: readonly pulumi.Resource[];
}

function declareAccess(
    parent: CachedImage,
    name: string,
    { project, credentials }: CachedImageArgs,
    declared: harbor.Project | undefined,
): Access {
    const dependencies = declared === undefined ? [] : [declared];
    if (credentials !== undefined) {
        return { ...credentials, password: pulumi.secret(credentials.password), dependencies };
    }
    // No name of our own: Pulumi's differs from stack to stack, so that several can use one project.
    const robot = new harbor.RobotAccount(
        `${name}-${role.robot}`,
        {
            level: "project",
            description: `Pushes ${name} of stack ${pulumi.getProject()}/${pulumi.getStack()}`,
            permissions: [
                {
                    kind: "project",
                    namespace: project.name,
                    accesses: ["pull", "push"].map((action) => ({
                        resource: "repository",
                        action,
                    })),
                },
            ],
        },
        { parent, dependsOn: dependencies },
    );
    return {
        username: robot.fullName,
        password: robot.secret,
        dependencies: [...dependencies, robot],
    };
}

function declareImage(
    {
        parent,
        plan,
        args,
        access,
    }: {
        readonly parent: CachedImage;
        readonly plan: CachedImagePlan;
        readonly args: CachedImageArgs;
        readonly access: Access;
    },
    childName: string,
    image: ImagePlan,
    dependsOn: readonly pulumi.Resource[],
): dockerBuild.Image {
    const folder = makeSliceFolder(pulumi.getStack(), childName);
    const { context, dockerfile } = writeSlice(image.slice, plan.tree, folder);
    return new dockerBuild.Image(
        childName,
        {
            context: { location: context },
            dockerfile: { location: dockerfile },
            target: image.target,
            buildArgs: readBuildArgs(args.buildArgs, image.slice.dockerfile.args),
            tags: [...image.tags],
            cacheFrom: image.cacheFrom.map((ref) => ({ registry: { ref } })),
            cacheTo: [{ inline: {} }],
            // `push: true` would keep previews from building; this exporter pushes as well.
            exports: [{ registry: { ociMediaTypes: true } }],
            push: false,
            buildOnPreview: args.preview === PreviewMode.Build,
            registries: [
                { address: plan.registry, username: access.username, password: access.password },
            ],
        },
        {
            parent,
            dependsOn: [...dependsOn],
            // docker-build deletes by digest, whatever else bears it; Harbor's policies clean up.
            retainOnDelete: true,
        },
    );
}

/** The build arguments that the image's stages declare; another one's change is none of its own. */
function readBuildArgs(
    given: CachedImageArgs["buildArgs"],
    declared: readonly string[],
): CachedImageArgs["buildArgs"] {
    if (given === undefined || pulumi.Output.isInstance(given) || "then" in given) {
        return given;
    }
    const used = Object.entries(given).filter(
        ([name]) => declared.includes(name) || isPredefinedArg(name),
    );
    return used.length === 0 ? undefined : Object.fromEntries(used);
}
