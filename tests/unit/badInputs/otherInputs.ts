import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { readIgnoreFile } from "../../../src/context/ignoreFile";
import { readTree } from "../../../src/context/tree";
import { DockerfileError, describeFailure, parseDockerfile } from "../../../src/dockerfile";
import { sliceContext } from "../../../src/slice/slice";
import { ensureEntry, entryOf } from "../../../tools/toolchain/cache/store";
import { explainFailure } from "../../../tools/toolchain/failure";
import { corpus } from "../../integration/dockerfile/corpus";
import { ignoreText, makeContext } from "../../integration/dockerfile/fixture";
import { type Reply, startTestHarbor } from "../sandbox/testHarbor";

/** An input, and every message that refuses it. */
export type Refused = readonly [given: string, messages: readonly string[]];

/** The Dockerfiles of the corpus that BuildKit refuses too. */
export function dockerfileRefusals(): readonly Refused[] {
    const context = makeContext();
    try {
        const { file } = readIgnoreFile(".dockerignore", ignoreText);
        const tree = readTree(context.folder, file);
        return corpus("refused").map(({ name, text, given }) => {
            try {
                sliceContext({ dockerfile: parseDockerfile(text), tree, options: given });
            } catch (error) {
                if (error instanceof DockerfileError) {
                    return [name, error.failures.map(describeFailure)];
                }
                throw error;
            }
            return [name, []];
        });
    } finally {
        context.remove();
    }
}

/** Folders that cannot hold the toolchain's cache. */
export async function cacheRefusals(folder: string): Promise<readonly Refused[]> {
    const file = join(folder, "file");
    writeFileSync(file, "");
    const roots = [file, join(file, "below"), "/dev/null", "/proc/none"];
    return Promise.all(
        roots.map(async (root): Promise<Refused> => {
            try {
                const events = { onWait: () => {}, onDamaged: () => {} };
                await ensureEntry(entryOf("buildkit", 1, root), events, async () => {});
            } catch (error) {
                const step = { piece: "BuildKit", log: undefined, folders: {}, origin: "" };
                const explained = await explainFailure(error, { ...step, cacheFolder: root });
                return [root, [explained.message]];
            }
            return [root, []];
        }),
    );
}

type Request = readonly [method: string, path: string, body?: unknown];

const robot = { name: "ci", level: "project", duration: -1 };
const requests: readonly Request[] = [
    ["POST", "/projects", {}],
    ["POST", "/projects", { project_name: "" }],
    ["POST", "/projects", { project_name: "Shop" }],
    ["POST", "/projects", { project_name: "x".repeat(300) }],
    ["POST", "/projects", { project_name: "library" }],
    ["POST", "/projects", { project_name: 7 }],
    ["POST", "/projects", { project_name: "a", storage_limit: "10" }],
    ["POST", "/projects", { project_name: "a", metadata: { public: true } }],
    ["GET", "/projects/absent"],
    ["GET", "/projects/0"],
    ["DELETE", "/projects/999"],
    ["GET", "/projects?page_size=1000"],
    ["POST", "/robots", {}],
    ["POST", "/robots", { ...robot, permissions: [] }],
    ["POST", "/robots", { ...robot, level: "both", permissions: [] }],
    ["POST", "/robots", { ...robot, duration: 0, permissions: [] }],
    [
        "POST",
        "/robots",
        { ...robot, permissions: [{ kind: "project", namespace: "absent", access: [] }] },
    ],
    ["GET", "/robots/x"],
    ["GET", "/robots/999"],
    ["PUT", "/quotas/999", { hard: { storage: 5 } }],
    ["POST", "/users", { username: "jane" }],
    ["POST", "/users", { username: "jane", password: "weak", email: "jane@example.com" }],
    ["POST", "/labels", { name: "" }],
    ["POST", "/retentions", {}],
    ["GET", "/retentions/999"],
    ["GET", "/absent"],
];

/** Requests that the sandbox's Harbor refuses, with its answers. */
export async function sandboxRefusals(): Promise<readonly Refused[]> {
    const harbor = await startTestHarbor();
    try {
        const refused: Refused[] = [];
        for (const [method, path, body] of requests) {
            const reply = await harbor.api(method, path, body);
            const given = body === undefined ? "" : ` ${JSON.stringify(body)}`;
            refused.push([`${method} ${path}${given}`, answerOf(reply)]);
        }
        const raw = [
            ["POST", "/api/v2.0/projects", { as: "admin", body: "{" }],
            ["POST", "/api/v2.0/projects", { as: "admin", body: "" }],
            ["POST", "/api/v2.0/projects", { json: { project_name: "a" } }],
            ["GET", "/api/v2.0/projects/library/members", { as: "admin", password: "wrong" }],
            ["GET", "/v2/", {}],
            ["GET", "/v2/library/fm/manifests/1", {}],
            ["GET", "/service/token?scope=nonsense", { as: "admin", password: "wrong" }],
        ] as const;
        for (const [method, path, sending] of raw) {
            const reply = await harbor.send(method, path, sending);
            refused.push([`${method} ${path} ${JSON.stringify(sending)}`, answerOf(reply)]);
        }
        return refused;
    } finally {
        await harbor.close();
    }
}

function answerOf({ status, text }: Reply): readonly string[] {
    return status < 400 ? [] : [`${status} ${text.trim()}`];
}
