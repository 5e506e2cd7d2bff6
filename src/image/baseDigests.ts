import { createHash } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";
import type { Access } from "../access/declaration";
import { UserError } from "../arguments/userError";
import { type BaseAnswer, digestFault } from "../bases/fault";
import { mirroredReference } from "../bases/mirrors";
import { type BaseDigests, type BasePin, tagWithBases } from "../bases/pins";
import { hasEngine, OncePerRun } from "../engine/currentRun";
import { projectBeside } from "../engine/declaredProjects";
import { harborAccess } from "../hooks/harborAccess";
import { readImageInputs } from "../hooks/imageInputs";
import { loginsOf } from "../hooks/logins";
import type { CredentialsFor } from "../registry/credentials";
import { type DigestAnswer, findDigest } from "../registry/digest";
import { locate } from "../registry/location";
import { isPublicPreview } from "../text/placeholder";
import type { CachedImageArgs } from "./args";
import { allImages, type CachedImagePlan } from "./imagePlan";

/**
 * Digests of the base images that a component pins; empty without pins. Previews know them, unless
 * the program still has to create a project that holds one. Digests that no registry returns fail the
 * program, in one error.
 */
export function findBaseDigests(
    component: pulumi.Resource,
    name: string,
    args: CachedImageArgs,
    plan: CachedImagePlan,
    access: Access,
): pulumi.Output<BaseDigests> {
    const images = allImages(plan);
    const all = images.flatMap(({ slice }) => slice.pins);
    const pins = [...new Map(all.map((pin) => [pin.reference, pin])).values()];
    const find = () => findDigests(`CachedImage "${name}"`, pins, args, plan, access);
    return pulumi.output(pins.length === 0 ? {} : onceCreated(component, pins, args, plan, find));
}

/** Looks up digests as soon as the projects of the same program that hold the images exist. */
async function onceCreated(
    component: pulumi.Resource,
    pins: readonly BasePin[],
    { baseImageMirrors = {} }: CachedImageArgs,
    { registry }: CachedImagePlan,
    find: () => Promise<BaseDigests>,
): Promise<pulumi.Input<BaseDigests>> {
    const places = pins
        .map(({ reference }) => locate(mirroredReference(reference, baseImageMirrors)))
        .filter((place) => place.registry === registry);
    const names = new Set(places.map(({ repository }) => repository.split("/", 1)[0] ?? ""));
    const found = await Promise.all([...names].map((one) => projectBeside(component, one)));
    const projects = found.filter((project) => project !== undefined);
    return projects.length === 0 ? find() : pulumi.all(projects.map(({ id }) => id)).apply(find);
}

async function findDigests(
    subject: string,
    pins: readonly BasePin[],
    { baseImageMirrors = {} }: CachedImageArgs,
    { registry, dockerfilePath }: CachedImagePlan,
    access: Access,
): Promise<BaseDigests> {
    const questions = pins.map((pin) => {
        const asked = mirroredReference(pin.reference, baseImageMirrors);
        return { pin, asked, isOwn: locate(asked).registry === registry };
    });
    if (pulumi.runtime.getMonitor() === undefined) {
        throw new Error(
            "no Pulumi engine: base images can be looked up only in a program that Pulumi runs",
        );
    }
    // Wait for the account only if a question needs it: this deployment may have to create it first.
    const isOwnAsked = questions.some(({ isOwn }) => isOwn);
    const { credentialsFor, isOwnUnknown } = await logins(
        registry,
        isOwnAsked ? access : undefined,
    );
    const answers = await Promise.all(
        questions.map(async ({ pin, asked, isOwn }): Promise<BaseAnswer> => {
            const answer = await askOnce(asked, credentialsFor);
            return { pin, asked, answer, isAccountUnknown: isOwn && isOwnUnknown };
        }),
    );
    const faults = answers.flatMap((answer) => digestFault(answer, dockerfilePath) ?? []);
    if (faults.length > 0) {
        throw new UserError(subject, faults);
    }
    return Object.fromEntries(
        answers.flatMap(({ pin, answer }) =>
            "digest" in answer ? [[pin.reference, answer.digest]] : [],
        ),
    );
}

/**
 * Adds the digests of pinned base images to the tag derived from the content; other references
 * stay as they are.
 */
export function nameByBases(
    references: readonly string[],
    { contentTag, builds }: CachedImagePlan,
    digests: pulumi.Output<BaseDigests>,
): pulumi.Input<string>[] {
    const pins = builds.flatMap(({ app }) => app.slice.pins);
    if (contentTag === undefined || pins.length === 0) {
        return [...references];
    }
    return references.map((reference) => {
        const [repository = "", rest] = reference.split(`:${contentTag}`);
        return rest === undefined
            ? reference
            : digests.apply(
                  (known) => `${repository}:${tagWithBases(contentTag, pins, known)}${rest}`,
              );
    });
}

/** The logins of the build, as far as they are known now. */
async function logins(
    address: string,
    access: Access | undefined,
): Promise<{ readonly credentialsFor: CredentialsFor; readonly isOwnUnknown: boolean }> {
    const own =
        access === undefined || isPublicPreview()
            ? {}
            : { registries: [{ address, username: access.username, password: access.password }] };
    const inputs = await readImageInputs(own);
    return {
        credentialsFor: loginsOf(inputs, {}),
        isOwnUnknown: inputs.login(address) === "unknown",
    };
}

const asked = new OncePerRun<DigestAnswer>();

async function askOnce(reference: string, credentialsFor: CredentialsFor): Promise<DigestAnswer> {
    // Under Pulumi's mocks, a test builds nothing and asks no registry.
    if (!hasEngine()) {
        const hash = createHash("sha256").update(reference).digest("hex");
        return { digest: `sha256:${hash}` };
    }
    const login = await credentialsFor(locate(reference).registry);
    return asked.ask(`${login?.username ?? ""} ${reference}`, () =>
        findDigest(reference, credentialsFor, harborAccess({})),
    );
}
