import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { Agent, type OutgoingHttpHeaders, request } from "node:http";
import type { Readable } from "node:stream";
import type { Layer } from "./layer";

/** An image to push: its layers, and its configuration without what the layers determine. */
export interface Image {
    readonly repository: string;
    readonly tags: readonly string[];
    readonly layers: readonly Layer[];
    readonly config: Readonly<Record<string, unknown>>;
}

interface Answer {
    readonly status: number;
    readonly location: string;
    readonly text: string;
}

const manifestType = "application/vnd.oci.image.manifest.v1+json";
const created = "2020-01-01T00:00:00Z";
const architectures: Readonly<Record<string, string>> = { x64: "amd64", arm64: "arm64" };

const digestOf = (content: Buffer): string =>
    `sha256:${createHash("sha256").update(content).digest("hex")}`;

/** Pushes images to a registry that listens on a socket file. */
export class Pusher {
    readonly #socketPath: string;
    readonly #agent = new Agent({ keepAlive: true });

    constructor(socketPath: string) {
        this.#socketPath = socketPath;
    }

    async push(image: Image): Promise<string> {
        const { repository, layers } = image;
        for (const layer of layers) {
            await this.#blob(repository, layer.digest, layer.size, () =>
                createReadStream(layer.file),
            );
        }
        const config = Buffer.from(JSON.stringify(configOf(image)));
        await this.#blob(repository, digestOf(config), config.length, () => config);
        const manifest = Buffer.from(JSON.stringify(manifestOf(layers, config)));
        for (const tag of image.tags) {
            const path = `/v2/${repository}/manifests/${tag}`;
            const headers = { "content-type": manifestType, "content-length": manifest.length };
            this.#expect(await this.#send("PUT", path, headers, manifest), 201, path);
        }
        return digestOf(manifest);
    }

    close(): void {
        this.#agent.destroy();
    }

    async #blob(
        repository: string,
        digest: string,
        size: number,
        content: () => Readable | Buffer,
    ): Promise<void> {
        const known = await this.#send("HEAD", `/v2/${repository}/blobs/${digest}`);
        if (known.status === 200) {
            return;
        }
        const begin = `/v2/${repository}/blobs/uploads/`;
        const upload = await this.#send("POST", begin, { "content-length": 0 });
        this.#expect(upload, 202, begin);
        const { pathname, search } = new URL(upload.location, "http://registry");
        const path = `${pathname}${search}&digest=${encodeURIComponent(digest)}`;
        const headers = { "content-type": "application/octet-stream", "content-length": size };
        this.#expect(await this.#send("PUT", path, headers, content()), 201, path);
    }

    #expect(answer: Answer, status: number, path: string): void {
        if (answer.status !== status) {
            throw new Error(`the mirror answered ${answer.status} to ${path}: ${answer.text}`);
        }
    }

    #send(
        method: string,
        path: string,
        headers: OutgoingHttpHeaders = {},
        body?: Readable | Buffer,
    ): Promise<Answer> {
        return new Promise((resolve, reject) => {
            const target = { socketPath: this.#socketPath, agent: this.#agent };
            const outgoing = request({
                ...target,
                method,
                path,
                headers: { host: "registry", ...headers },
            });
            outgoing.on("error", reject);
            outgoing.on("response", (incoming) => {
                let text = "";
                incoming.setEncoding("utf8");
                incoming.on("data", (chunk: string) => {
                    text += chunk;
                });
                incoming.on("error", reject);
                incoming.on("end", () => {
                    const { location = "" } = incoming.headers;
                    resolve({ status: incoming.statusCode ?? 0, location, text });
                });
            });
            if (body === undefined || Buffer.isBuffer(body)) {
                outgoing.end(body);
            } else {
                body.on("error", (error) => outgoing.destroy(error));
                body.pipe(outgoing);
            }
        });
    }
}

function configOf({ config, layers }: Image): object {
    return {
        created,
        architecture: architectures[process.arch] ?? process.arch,
        os: "linux",
        config,
        rootfs: { type: "layers", diff_ids: layers.map((layer) => layer.diffId) },
        history: layers.map(() => ({ created, created_by: "harbor-build sandbox" })),
    };
}

function manifestOf(layers: readonly Layer[], config: Buffer): object {
    return {
        schemaVersion: 2,
        mediaType: manifestType,
        config: {
            mediaType: "application/vnd.oci.image.config.v1+json",
            digest: digestOf(config),
            size: config.length,
        },
        layers: layers.map(({ digest, size }) => ({
            mediaType: "application/vnd.oci.image.layer.v1.tar+gzip",
            digest,
            size,
        })),
    };
}
