import * as harbor from "@pulumi/harbor";
import * as pulumi from "@pulumi/pulumi";
import type {
    CachedImageCredentialsArgs,
    CachedImageProjectArgs,
    CachedImageProjectCacheArgs,
} from "../access/args";
import { claimProjects } from "../access/claimProjects";
import { warnOfPublication } from "../access/publication";
import { registrySources } from "../access/registryHost";
import { UserError } from "../arguments/userError";
import { logRegistered } from "../hooks/log";
import type { ImageProjectArgs } from "./args";
import { type ImageProjectPlan, planImageProject } from "./plan";
import { declareProjects } from "./projects";
import { dockerConfigJson } from "./pullSecret";
import { declareRobots, type RegistryCredentials } from "./robots";
import { checkProjectTypes, unknownProjectArguments, visibleInputs } from "./specification";

/** An {@link ImageProject} as an argument of a `CachedImage`: `project: shop.project`. */
export interface SharedProject extends CachedImageProjectArgs {
    readonly name: string;
    readonly existing: true;
    /** The login for pushing images and caches. */
    readonly credentials: CachedImageCredentialsArgs;
    /** Where caches are stored, and in which form. */
    readonly cache: CachedImageProjectCacheArgs;
}

/**
 * A Harbor project for the images of one or more `CachedImage`s. Declares the project with its
 * policies, a place for caches that the policies do not block, retention that deletes unused caches,
 * and robot accounts with only the rights that they need.
 *
 * One stack declares the project. Other stacks use it with `existing: true`, each with its own robot
 * accounts, whose names do not conflict.
 *
 * @example
 * ```ts
 * const shop = new ImageProject("shop", { name: "shop", immutableTags: ["v*"] });
 * const fm = new CachedImage("fm", { project: shop.project, context: "./fm", tags: ["v1.4.2"] });
 * export const pullSecret = shop.pullSecret; // for a cluster's kubernetes.io/dockerconfigjson
 * ```
 */
export class ImageProject extends pulumi.ComponentResource {
    /** Argument `project` of a `CachedImage`. */
    public readonly project!: SharedProject;
    /** Name of the project in Harbor. A resource that uses it waits until the project exists. */
    public readonly projectName!: pulumi.Output<string>;
    /** Id of the project in Harbor, `/projects/7`. */
    public readonly projectId!: pulumi.Output<string>;
    /** Host of the registry. */
    public readonly registry!: pulumi.Output<string>;
    /** Login for builds: pulls and pushes images and caches. */
    public readonly pushCredentials!: RegistryCredentials;
    /** Login for previews of pull requests: pulls images and caches. */
    public readonly readCredentials!: RegistryCredentials;
    /** Login for clusters: pulls images. */
    public readonly pullCredentials!: RegistryCredentials;
    /**
     * Login for the review stacks of pull requests: pushes images and caches to `reviews.project`, and
     * only pulls from this project. Undefined without `reviews`.
     */
    public readonly reviewCredentials?: RegistryCredentials;
    /**
     * Content of a Kubernetes secret of type `kubernetes.io/dockerconfigjson` that pulls images; a
     * secret.
     */
    public readonly pullSecret!: pulumi.Output<string>;

    /**
     * @throws UserError with every invalid argument, in previews too.
     */
    constructor(name: string, args: ImageProjectArgs, opts: pulumi.ComponentResourceOptions = {}) {
        if (opts.urn) {
            super("harbor-build:index:ImageProject", name, {}, opts);
            return;
        }
        checkProjectTypes(name, args);
        super("harbor-build:index:ImageProject", name, visibleInputs(args), opts);
        const decision = planImageProject(args, registrySources(this));
        if ("faults" in decision) {
            throw new UserError(`ImageProject "${name}"`, decision.faults);
        }
        const { plan } = decision;
        for (const warning of unknownProjectArguments(args)) {
            logRegistered("warning", warning, this);
        }
        warnOfPublication(this, {
            project: plan.project,
            cacheProject: args.cache?.project,
            isPublic: args.public,
            hasPullAccount: true,
        });
        const declared = args.existing ? undefined : declareProjects(this, name, args, plan);
        const accounts = declareRobots({ parent: this, name, args, plan, projects: declared });

        this.projectName = declared?.[0]?.name ?? pulumi.output(plan.project);
        this.projectId = declared?.[0]?.id ?? existingProjectId(this, name, plan);
        this.registry = pulumi.output(plan.registry);
        this.pushCredentials = accounts.push;
        this.readCredentials = accounts.read;
        this.pullCredentials = accounts.pull;
        if (accounts.review !== undefined) this.reviewCredentials = accounts.review;
        this.pullSecret = pulumi.secret(
            pulumi
                .all([accounts.pull.username, accounts.pull.password])
                .apply(([username, password]) =>
                    dockerConfigJson({ registry: plan.registry, username, password }),
                ),
        );
        this.project = sharedProject(plan, accounts.push, args);
        this.registerOutputs({
            project: this.project,
            projectName: this.projectName,
            projectId: this.projectId,
            registry: this.registry,
            pushCredentials: this.pushCredentials,
            readCredentials: this.readCredentials,
            pullCredentials: this.pullCredentials,
            reviewCredentials: this.reviewCredentials,
            pullSecret: this.pullSecret,
        });
    }
}

/**
 * Id of an existing project. The lookup fails, in previews too, if the project or the caches'
 * project is missing.
 */
function existingProjectId(
    parent: ImageProject,
    name: string,
    { project, cacheProject }: ImageProjectPlan,
): pulumi.Output<string> {
    void claimProjects(parent, `ImageProject "${name}"`, [project, cacheProject ?? project]);
    const find = (path: string, one: string) =>
        harbor.getProject({ name: one }, { parent }).catch((error: unknown) => {
            // The SDK shows other errors with the property that waited for them, and a stack trace.
            throw new UserError(`ImageProject "${name}"`, [{ path, message: invokeReason(error) }]);
        });
    const images = find("name", project);
    const caches = cacheProject === undefined ? images : find("cache.project", cacheProject);
    return pulumi.output(Promise.all([images, caches]).then(([{ id }]) => id));
}

/** The provider's own words in the error of an invoke. */
function invokeReason(error: unknown): string {
    const text = error instanceof Error ? error.message : String(error);
    return text.replace(/^invocation of \S+ returned an error: (?:name: )?/, "");
}

function sharedProject(
    { project, cacheProject, backend }: ImageProjectPlan,
    credentials: RegistryCredentials,
    { enableContentTrustCosign }: ImageProjectArgs,
): SharedProject {
    return {
        name: project,
        existing: true,
        ...(enableContentTrustCosign ? { contentTrust: true } : {}),
        credentials,
        cache: { backend, ...(cacheProject === undefined ? {} : { project: cacheProject }) },
    };
}
