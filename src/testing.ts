import { createHash } from "node:crypto";
import type * as pulumi from "@pulumi/pulumi";

/** A resource that the program under test declared. */
export interface DeclaredResource {
    /** Type token, such as `docker-build:index:Image`. */
    readonly type: string;
    readonly name: string;
    /** Inputs as the engine gets them. */
    readonly inputs: Readonly<Record<string, unknown>>;
}

/** Mocks for programs with this package's components; they record the declared resources. */
export interface ImageMocks extends pulumi.runtime.Mocks {
    /** Every resource declared so far, in order. */
    readonly resources: readonly DeclaredResource[];
}

/**
 * Creates mocks for unit tests of programs with this package's components. Nothing is built, and the
 * tests need no engine, BuildKit or Harbor. The digest of an image is derived from its logical name,
 * and the digest of a pinned base image from its reference; no registry is asked. Robot accounts get
 * a name and a secret. All other resources return their inputs as outputs.
 *
 * Set the mocks and Harbor's URL before you load the program.
 *
 * @example
 * ```ts
 * const mocks = imageMocks();
 * pulumi.runtime.setConfig("harbor:url", "https://harbor.example.com");
 * await pulumi.runtime.setMocks(mocks);
 * await import("../index");
 * ```
 */
export function imageMocks(): ImageMocks {
    const resources: DeclaredResource[] = [];
    return {
        resources,
        newResource({ type, name, inputs }) {
            resources.push({ type, name, inputs });
            return { id: `${name}-id`, state: { ...inputs, ...answers(type, name, inputs) } };
        },
        call: ({ token, inputs }) =>
            token === "harbor:index/getProject:getProject"
                ? { ...inputs, id: "/projects/1", projectId: 1 }
                : { ...inputs },
    };
}

/** The outputs that only a registry or Harbor knows. */
function answers(
    type: string,
    name: string,
    inputs: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
    const digest = `sha256:${createHash("sha256").update(name).digest("hex")}`;
    switch (type) {
        case "docker-build:index:Image": {
            const [tag = ""] = Array.isArray(inputs["tags"]) ? inputs["tags"] : [];
            return { digest, ref: `${tag}@${digest}` };
        }
        case "docker-build:index:Index":
            return { ref: `${inputs["tag"]}@${digest}` };
        case "harbor:index/robotAccount:RobotAccount":
            return { fullName: `robot$${name}`, secret: `secret-of-${name}` };
        default:
            return {};
    }
}
