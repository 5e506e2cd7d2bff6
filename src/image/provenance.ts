import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { readProvenance } from "../hooks/buildProvenance";
import { logRegistered } from "../hooks/log";
import { indexProvenance, type OwnFacts } from "../signing/provenance";
import { asRecord, asText } from "../text/lenientJson";
import type { DeclaredImage, ImageSurroundings } from "./declaration";
import { digestOfImage } from "./pushedImage";

/** The provenance of the app image of one platform; it is asked for once the image is pushed. */
export async function imageProvenance(
    surroundings: ImageSurroundings,
    { resource, inputs }: DeclaredImage,
    position: number,
): Promise<object> {
    const { parent, name, plan } = surroundings;
    const slice = plan.builds[position]?.app.slice.digest;
    const digest = await known(digestOfImage(resource));
    const facts = { ...factsOf(surroundings), slice };
    return readProvenance({ ...inputs }, digest, facts, (reason) => {
        const ask = "Fix: sign in the run that builds, with a builder that keeps its history";
        const message = `sign: the provenance of ${name} does not describe the build, because BuildKit's record is missing: ${reason}. ${ask}`;
        logRegistered("warning", message, parent);
    });
}

/** The provenance of the index that joins the images of several platforms. */
export async function joinedProvenance(
    surroundings: ImageSurroundings,
    apps: readonly DeclaredImage[],
): Promise<object> {
    const images = apps.map(async ({ resource }, position) => ({
        platform: surroundings.plan.builds[position]?.platform ?? "",
        digest: await known(digestOfImage(resource)),
    }));
    return indexProvenance(await Promise.all(images), factsOf(surroundings));
}

const factsOf = ({ name: component }: ImageSurroundings): OwnFacts => ({
    version: packageVersion(),
    project: pulumi.getProject(),
    stack: pulumi.getStack(),
    component,
});

/** Version of this package; undefined in a program that a bundler has joined with it. */
function packageVersion(): string | undefined {
    try {
        const file = join(__dirname, "..", "..", "package.json");
        const { name, version } = asRecord(JSON.parse(readFileSync(file, "utf8")));
        return name === "harbor-build" ? asText(version) : undefined;
    } catch {
        return undefined;
    }
}

/** The value of an output that is known when it is asked for. */
const known = <T>(output: pulumi.Output<T>): Promise<T> =>
    new Promise((resolve) => output.apply(resolve));
