import { LocalWorkspace } from "@pulumi/pulumi/automation";
import { CachedImage } from "harbor-build";

/** What to build. */
export interface Order {
    readonly name: string;
    readonly tag: string;
}

/** Builds and pushes an image in a stack of its own; returns the reference with tag and digest. */
export async function buildImage({ name, tag }: Order): Promise<string> {
    const program = async () => {
        const image = new CachedImage(name, {
            project: { name: `example-automation-${name}` },
            context: "site",
            tags: [tag],
            retainImages: false,
        });
        return { image: image.ref };
    };
    // Contexts and the provider's path are relative to the folder of Pulumi.yaml.
    const stack = await LocalWorkspace.createOrSelectStack(
        { stackName: name, projectName: "automation", program },
        { workDir: __dirname },
    );
    const { outputs } = await stack.up({ onOutput: (text) => process.stderr.write(text) });
    return String(outputs["image"]?.value);
}

/** Deletes the image's project and its stack. */
export async function removeImage(name: string): Promise<void> {
    const stack = await LocalWorkspace.selectStack(
        { stackName: name, projectName: "automation", program: async () => ({}) },
        { workDir: __dirname },
    );
    await stack.destroy({ onOutput: (text) => process.stderr.write(text), remove: true });
}
