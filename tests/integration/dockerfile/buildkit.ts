import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { askBuildctl } from "../../../tools/sandbox/buildctl";

/** A build as buildctl is asked for it. */
export interface BuildRequest {
    /** The context's folder. */
    readonly context: string;
    /** Text of the Dockerfile. */
    readonly dockerfile: string;
    /** Text of `<Dockerfile>.dockerignore`; without it the context's `.dockerignore` counts. */
    readonly ignore?: string;
    readonly target?: string;
    readonly platform?: string;
    readonly buildArgs?: Readonly<Record<string, string>>;
    /** Named contexts that stand in for images: each is empty, as `scratch` is. */
    readonly emptyImages?: readonly string[];
}

/** A real BuildKit to hold our answers against. */
export interface Buildkit {
    /** The build's LLB as BuildKit's `frontend.convertllb` gives it. @throws on a refusal */
    llb(request: BuildRequest): Promise<unknown>;
    /** A subrequest's answer as text. @throws on a refusal */
    call(requestId: string, request: BuildRequest): Promise<string>;
    /** The digests of the layers the build makes, with all times set to one. */
    layers(request: BuildRequest): Promise<string[]>;
}

/**
 * The BuildKit that the tests are given.
 *
 * @throws Error that explains how to get it when it is missing
 */
export function withBuildkit(): Buildkit {
    const address = process.env["HARBOR_BUILD_TEST_BUILDKIT"];
    const buildctl = process.env["HARBOR_BUILD_TEST_BUILDCTL"];
    if (address === undefined || buildctl === undefined) {
        throw new Error(
            "These tests ask a real BuildKit: run them with `npm run test:integration`, or set " +
                "HARBOR_BUILD_TEST_BUILDKIT (unix:///…/buildkitd.sock) and " +
                "HARBOR_BUILD_TEST_BUILDCTL (path of buildctl).",
        );
    }
    const build = async <T>(
        request: BuildRequest,
        extra: (folder: string) => readonly string[],
        collect: (stdout: string, folder: string) => T,
    ): Promise<T> => {
        const folder = mkdtempSync(join(tmpdir(), "harbor-build-test-"));
        try {
            const args = [
                "--addr",
                address,
                "build",
                ...flagsOf(request, folder),
                ...extra(folder),
            ];
            return collect(await askBuildctl(buildctl, args), folder);
        } finally {
            rmSync(folder, { recursive: true, force: true });
        }
    };
    const call = (requestId: string, request: BuildRequest) =>
        build(
            request,
            () => ["--opt", `requestid=${requestId}`],
            (stdout) => stdout,
        );
    return {
        call,
        llb: async (request) => {
            const text = await call("frontend.convertllb", request);
            return JSON.parse(text.slice(text.indexOf("{")));
        },
        layers: (request) =>
            build(
                request,
                (folder) => [
                    "--output",
                    `type=oci,tar=false,rewrite-timestamp=true,dest=${join(folder, "image")}`,
                ],
                (_, folder) => readLayers(join(folder, "image")),
            ),
    };
}

function flagsOf(request: BuildRequest, folder: string): string[] {
    writeFileSync(join(folder, "Dockerfile"), request.dockerfile);
    if (request.ignore !== undefined) {
        writeFileSync(join(folder, "Dockerfile.dockerignore"), request.ignore);
    }
    const options: [string, string][] = [
        ["build-arg:SOURCE_DATE_EPOCH", "1"],
        // BuildKit sets this for a frontend image; with it, BuildKit ignores "syntax".
        ["cmdline", "dockerfile.v0"],
    ];
    if (request.target !== undefined) options.push(["target", request.target]);
    if (request.platform !== undefined) options.push(["platform", request.platform]);
    for (const [name, value] of Object.entries(request.buildArgs ?? {})) {
        options.push([`build-arg:${name}`, value]);
    }
    for (const image of request.emptyImages ?? []) {
        // BuildKit looks images up without the tag that is meant anyway.
        options.push([`context:${image.replace(/:latest$/, "")}`, "docker-image://scratch"]);
    }
    return [
        "--progress=plain",
        "--frontend=dockerfile.v0",
        `--local=context=${request.context}`,
        `--local=dockerfile=${folder}`,
        ...options.map(([name, value]) => `--opt=${name}=${value}`),
    ];
}

/** Layer digests of an image in an OCI layout folder. */
function readLayers(layout: string): string[] {
    const read = (path: string): unknown => JSON.parse(readFileSync(join(layout, path), "utf8"));
    const blob = (digest: string) => read(`blobs/${digest.replace(":", "/")}`);
    const [manifest] = digestsIn(read("index.json"), "manifests");
    return manifest === undefined ? [] : digestsIn(blob(manifest), "layers");
}

function digestsIn(document: unknown, member: string): string[] {
    if (typeof document !== "object" || document === null) return [];
    const list: unknown = Reflect.get(document, member);
    if (!Array.isArray(list)) return [];
    return list.map((item: unknown) => String(Reflect.get(Object(item), "digest")));
}
