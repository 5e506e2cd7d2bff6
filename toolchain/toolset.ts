/** What the toolchain finds or builds, each an absolute path. */
export interface Tools {
    /** The Node.js executable that runs the tool chain, the engine's programs and plugins; >= 22. */
    readonly node: string;
    /** The Pulumi CLI. */
    readonly pulumi: string;
    /**
     * Folder laid out as `$PULUMI_HOME/plugins`, holding
     * `resource-docker-build-v0.0.22/pulumi-resource-docker-build`. Belongs to the cache: link from
     * it (see {@link installPlugins}), never let the engine write into it.
     */
    readonly pulumiPlugins: string;
    /** Folder that holds `pulumi-language-nodejs`, to be put on the engine's PATH. */
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
    /** PEM file of the certificate authorities that this machine trusts. */
    readonly caBundle: string;
    /** `harbor-sdkgen SCHEMA OUTDIR`: writes the Node.js SDK of a Pulumi package schema. */
    readonly sdkgen: string;
    /** Docker's build client: what the benchmark compares with. */
    readonly buildx: string;
}

/** Name of one tool. */
export type ToolName = keyof Tools;

/** What `npm run doctor` tells of one tool. */
export interface ToolReport {
    readonly name: ToolName | "go";
    /** Whether it can be used as it is, without building anything. */
    readonly found: boolean;
    /** Version found; the pinned one where nothing is found. */
    readonly version: string;
    /** Absolute path; undefined where nothing is found. */
    readonly path: string | undefined;
    /** The machine's own, the toolchain's cache, or nowhere. */
    readonly source: "machine" | "cache" | "missing";
    /** What brings the tool, where it is missing. */
    readonly remedy?: string;
    /** The one command that asks for it, when the others do without. */
    readonly onlyFor?: string;
}
