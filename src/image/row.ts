import type { ImageArgs } from "@pulumi/docker-build";
import type * as pulumi from "@pulumi/pulumi";
import type { Access } from "../access/declaration";
import type { Row } from "../arguments/row";
import type { BaseDigests } from "../bases/pins";
import type { Slice, SliceRequest } from "../slice";
import type { CachedImageArgs } from "./args";
import type { CachedImagePlan, ImagePlan } from "./imagePlan";
import type { PassedOn } from "./passedOn";

/**
 * The specification of one argument of a `CachedImage`. Its documentation is the docstring in
 * `args.ts`, and its test is the case in `tests/unit/image/argumentCases.ts`.
 */
export interface ImageRow<Value> extends Row<Value, CachedImageArgs> {
    /** What the value changes in the request for the slices of all images. */
    slice?(value: Value): Partial<SliceRequest>;
    /**
     * What the value adds to the content that determines the tag of `tagByContent`; also called for
     * a missing value. "unknown" when only the program's run knows it.
     */
    content?(
        value: Value | undefined,
        image: ImageContent,
    ): Readonly<Record<string, unknown>> | "unknown";
    /** The inputs of docker-build's Image for one image; also called for a missing value. */
    inputs?(value: Value | undefined, image: BuiltImage): BuildInputs;
    /** The part of its inputs that docker-build compares. @default all of them */
    compared?(inputs: ImageArgs): Readonly<Record<string, unknown>>;
}

/** One row for each argument: a new argument without a row does not compile. */
export type ImageRows = {
    readonly [K in keyof CachedImageArgs]-?: ImageRow<NonNullable<CachedImageArgs[K]>>;
};

/** The content of the app image for one platform. */
export interface ImageContent {
    readonly platform: string | undefined;
    readonly slice: Slice;
    /** The arguments that the image's stages read. */
    readonly passes: PassedOn;
    /** Locations of the named contexts. */
    readonly namedContexts: Readonly<Record<string, string>>;
}

/** One image, as rows map their values to the inputs of docker-build. */
export interface BuiltImage {
    /** Purpose of the image: a builder stage, the app, or only writing the app's cache. */
    readonly role: "stage" | "app" | "cache";
    readonly plan: CachedImagePlan;
    readonly image: ImagePlan;
    /** The arguments that the image's stages read. */
    readonly passes: PassedOn;
    /** Where docker-build finds the context and the Dockerfile. */
    readonly written: Pick<ImageArgs, "dockerfile"> & {
        readonly context: string;
        /** Locations of named contexts that replace the user's. */
        readonly namedContexts?: Readonly<Record<string, string>>;
    };
    readonly access: Access;
    /** Digests of pinned base images. */
    readonly baseDigests: pulumi.Output<BaseDigests>;
}

/** Inputs of docker-build's Image; several rows can add to the context. */
export interface BuildInputs extends Omit<Partial<ImageArgs>, "context"> {
    readonly context?: {
        readonly location?: string;
        readonly named?: Readonly<Record<string, { readonly location: pulumi.Input<string> }>>;
    };
}
