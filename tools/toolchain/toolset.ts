/** The tools that the toolchain finds or builds, each an absolute path. */
export interface Tools {
    /** The Node.js executable that runs the toolchain, the engine's programs and plugins; >= 22. */
    readonly node: string;
    /** The Pulumi CLI. */
    readonly pulumi: string;
    /**
     * Folder with the layout of `$PULUMI_HOME/plugins` that contains
     * `resource-docker-build-v0.0.22/pulumi-resource-docker-build`. The folder belongs to the cache:
     * link to its files (see {@link installPlugins}), and never let the engine write into it.
     */
    readonly pulumiPlugins: string;
    /** Folder with `pulumi-language-nodejs`, for the engine's PATH. */
    readonly nodejsHostDir: string;
    /** BuildKit's daemon. */
    readonly buildkitd: string;
    /** BuildKit's client. */
    readonly buildctl: string;
    /** The container runtime under buildkitd. */
    readonly runc: string;
    /** The OCI registry (distribution). */
    readonly registry: string;
    /** A statically linked busybox, the base of stand-in images. */
    readonly busybox: string;
    /** Folder of compiled time zones (`Asia/Shanghai`, `UTC`, …), the same on every machine. */
    readonly zoneinfo: string;
    /** A complete GOROOT, the same on every machine of one architecture. */
    readonly goroot: string;
    /** PEM file with the certificate authorities that this machine trusts. */
    readonly caBundle: string;
    /** `harbor-sdkgen [-language LANGUAGE] SCHEMA OUTDIR`: writes the SDK of a Pulumi package schema. */
    readonly sdkgen: string;
    /** Prints what BuildKit's own frontend makes of Dockerfiles; see `tools/toolchain/go/buildkit/oracle`. */
    readonly oracle: string;
    /** Docker's build client, which the benchmark compares with. */
    readonly buildx: string;
    /** Pulumi's language host for YAML programs. */
    readonly yamlHost: string;
    /** Pulumi's language host for Python programs. */
    readonly pythonHost: string;
    /** Pulumi's language host for Go programs. */
    readonly goHost: string;
    /** A checker of GitHub's workflows. */
    readonly actionlint: string;
    /** Sigstore's client, which verifies the signatures of images. */
    readonly cosign: string;
}

/** Name of one tool. */
export type ToolName = keyof Tools;

/** What `npm run tools` reports about one tool. */
export interface ToolReport {
    readonly name: ToolName | "go";
    /** Whether the tool is usable without building anything. */
    readonly found: boolean;
    /** Version of the found tool, or the pinned version. */
    readonly version: string;
    /** Absolute path; undefined when the tool is missing. */
    readonly path: string | undefined;
    /** Where the tool is: on the machine, in the toolchain's cache, or nowhere. */
    readonly source: "machine" | "cache" | "missing";
    /** How to get a missing tool. */
    readonly remedy?: string;
    /** The only command that needs the tool; undefined when every command may need it. */
    readonly onlyFor?: string;
}
