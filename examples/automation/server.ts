import { createServer } from "node:http";
import { refusal } from "./access";
import { buildImage, removeImage } from "./images";

const port = Number(process.env["PORT"] ?? 8080);
const token = process.env["IMAGES_TOKEN"] ?? "";
if (token.length < 20) throw new Error("IMAGES_TOKEN: expected 20 characters or more");

/** `PUT /images/NAME?tag=TAG` builds an image, `DELETE /images/NAME` removes it. */
const server = createServer(async (request, response) => {
    const status = refusal(request, { token, port });
    if (status !== undefined) return void response.writeHead(status).end();
    const { pathname, searchParams } = new URL(request.url ?? "/", "http://localhost");
    const name = /^\/images\/([a-z0-9-]+)$/.exec(pathname)?.[1];
    try {
        if (name !== undefined && request.method === "PUT") {
            const image = await buildImage({ name, tag: searchParams.get("tag") ?? "latest" });
            response.end(`${image}\n`);
        } else if (name !== undefined && request.method === "DELETE") {
            await removeImage(name);
            response.writeHead(204).end();
        } else {
            response.writeHead(404).end("expected PUT or DELETE /images/NAME\n");
        }
    } catch (error) {
        response.writeHead(500).end(`${error instanceof Error ? error.message : error}\n`);
    }
});

server.listen(port, "127.0.0.1", () => console.log(`listening on http://127.0.0.1:${port}`));
