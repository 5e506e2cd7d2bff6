import { randomBytes } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Lab } from "./lab";
import { createProject } from "./registry";
import { type RegistryProxy, startRegistryProxy } from "./registryProxy";
import { type Run, TestStack } from "./stack";

/** A stack with one image that has a component's hooks and is pushed through a proxy. */
export interface PushedImage {
    readonly proxy: RegistryProxy;
    readonly stack: TestStack;
    /** Brings a changed image up: its layer, its config and its manifest are pushed. */
    push(size?: number): Promise<Run>;
}

/** Creates the project and the stack; `retry` are the options of the hook that builds again. */
export async function openPushedImage(
    lab: Lab,
    project: string,
    retry: Readonly<Record<string, number>>,
): Promise<PushedImage> {
    const proxy = await startRegistryProxy(lab.admin.url);
    await createProject(lab.admin, project);
    const stack = await TestStack.create(lab, pushedProgram(proxy.url, project, retry), {
        environment: {
            HARBOR_URL: proxy.url,
            TEST_USERNAME: lab.admin.username,
            TEST_PASSWORD: lab.admin.password,
        },
    });
    await mkdir(join(stack.folder, "context"));
    await writeFile(join(stack.folder, "context", "Dockerfile"), "FROM scratch\nCOPY data /data\n");
    return {
        proxy,
        stack,
        async push(size = 64) {
            await writeFile(join(stack.folder, "context", "data"), randomBytes(size));
            return stack.up();
        },
    };
}

/** The hook's lines on retries and refusals, without duplicates. */
export const saidIn = (run: Run): readonly string[] => [
    ...new Set(
        run.output
            .split("\n")
            .map((line) => line.trim())
            .filter((line) => /^warning: .*(building again|gave up|not retried)/.test(line)),
    ),
];

/** The program of such a stack, for the Harbor at an address. */
export function pushedProgram(url: string, project: string, retry: object): string {
    const { host } = new URL(url);
    return `
import * as dockerBuild from "@pulumi/docker-build";
import * as pulumi from "@pulumi/pulumi";
import { imageHooks } from "../../../../src/hooks/imageHooks";

const { TEST_USERNAME: username = "", TEST_PASSWORD: password = "" } = process.env;
const tag = "${host}/${project}/fm/cache:dev";
const hooks = imageHooks("fm", {
    ownReferences: [tag],
    url: "${url}",
    retry: ${JSON.stringify(retry)},
});
new dockerBuild.Image("fm", {
    context: { location: "./context" },
    tags: [tag],
    cacheFrom: [{ registry: { ref: tag } }],
    cacheTo: [{ inline: {} }],
    exports: [{ registry: { ociMediaTypes: true } }],
    push: false,
    buildOnPreview: false,
    registries: [{ address: "${host}", username, password: pulumi.secret(password) }],
}, { hooks: hooks?.hooks, retainOnDelete: true });
`;
}
