import { createHash } from "node:crypto";
import type * as pulumi from "@pulumi/pulumi";

/** One resource as the program under test declared it. */
export interface DeclaredResource {
    /** Type token, as `docker-build:index:Image`. */
    readonly type: string;
    readonly name: string;
    /** Inputs as the engine would get them. */
    readonly inputs: Readonly<Record<string, unknown>>;
}

/** Mocks for programs that use this package's components, and what they were asked for. */
export interface ImageMocks extends pulumi.runtime.Mocks {
    /** Every resource declared so far, in order. */
    readonly resources: readonly DeclaredResource[];
}

/**
 * Makes mocks with which a program that uses this package's components can be unit-tested: nothing
 * is built, and no engine, BuildKit or Harbor is needed. Images get a digest that is made of their
 * name, pinned base images one that is the SHA-256 of theirs (no registry is asked), robot accounts
 * a name and a secret; any other resource has its inputs as outputs.
 *
 * Set them before the program is loaded, and give Harbor's host, which the components need to know.
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

/** What only a registry or a Harbor knows. */
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
