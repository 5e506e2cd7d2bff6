import { execFileSync, spawn } from "node:child_process";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { join } from "node:path";
import { atEnd } from "./atEnd";
import { writeFolder } from "./tinyProject";

/** A Git repository on the loopback interface. */
export interface GitRepository {
    /** `http://127.0.0.1:PORT/repo`, which Git and BuildKit can fetch. */
    readonly url: string;
    /** Commits files in addition to those of the repository, and tags the commit. */
    commit(files: Readonly<Record<string, string>>, tag: string): void;
}

/**
 * Serves a new, empty repository with Git's own server until the end of the file.
 *
 * @param token the token that a request needs. @default none
 */
export async function serveRepository(token?: string): Promise<GitRepository> {
    const root = writeFolder({});
    const folder = join(root, "repo.git");
    const git = (...args: readonly string[]) => execFileSync("git", ["-C", folder, ...args]);
    execFileSync("git", ["init", "--quiet", folder]);
    const pair = Buffer.from(`x-access-token:${token}`).toString("base64");
    const server = createServer((request, response) => {
        const given = request.headers.authorization?.toLowerCase();
        if (token === undefined || given === `basic ${pair}`.toLowerCase()) {
            answer(root, request, response);
        } else {
            response.writeHead(401, { "www-authenticate": "Basic" }).end();
        }
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    atEnd(async () => {
        server.closeAllConnections();
        server.close();
    });
    const address = server.address();
    const port = typeof address === "object" ? address?.port : undefined;
    return {
        url: `http://127.0.0.1:${port}/repo.git`,
        commit(files, tag) {
            execFileSync("cp", ["-r", `${writeFolder(files)}/.`, folder]);
            git("add", "--all");
            const author = ["-c", "user.name=test", "-c", "user.email=test@example.com"];
            git(...author, "commit", "--quiet", "--message", tag);
            git("tag", tag);
        },
    };
}

/** Runs `git http-backend` as a CGI program (RFC 3875). */
function answer(root: string, request: IncomingMessage, response: ServerResponse): void {
    const { pathname, searchParams } = new URL(request.url ?? "/", "http://localhost");
    const child = spawn("git", ["http-backend"], {
        env: {
            ...process.env,
            GIT_PROJECT_ROOT: root,
            GIT_HTTP_EXPORT_ALL: "1",
            PATH_INFO: pathname.replace("/repo.git", "/repo.git/.git"),
            QUERY_STRING: searchParams.toString(),
            REQUEST_METHOD: request.method ?? "GET",
            CONTENT_TYPE: request.headers["content-type"] ?? "",
            HTTP_CONTENT_ENCODING: request.headers["content-encoding"] ?? "",
            GIT_PROTOCOL: String(request.headers["git-protocol"] ?? ""),
        },
        stdio: ["pipe", "pipe", "inherit"],
    });
    request.pipe(child.stdin);
    const chunks: Buffer[] = [];
    child.stdout.on("data", (chunk: Buffer) => chunks.push(chunk));
    child.on("close", () => {
        const output = Buffer.concat(chunks);
        const end = output.indexOf("\r\n\r\n");
        for (const line of output.subarray(0, end).toString("utf8").split("\r\n")) {
            const at = line.indexOf(":");
            const [name, value] = [line.slice(0, at), line.slice(at + 1).trim()];
            if (name === "Status") {
                response.statusCode = Number.parseInt(value, 10);
            } else {
                response.setHeader(name, value);
            }
        }
        response.end(output.subarray(end + 4));
    });
}
