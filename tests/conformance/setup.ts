import { digestOf } from "./blobs";
import { type Answer, afterLock, send } from "./http";
import type { SetupStep } from "./recording";
import type { Session } from "./session";

const dockerManifest = "application/vnd.docker.distribution.manifest.v2+json";

interface Caller {
    readonly url: string;
    readonly authorization: string | undefined;
}

/** Creates what a recording requires. */
export async function prepare(session: Session, step: SetupStep): Promise<void> {
    const admin = { url: session.server.url, authorization: session.basic("admin", undefined) };
    switch (step.setup) {
        case "user":
            return makeUser(session, admin, step);
        case "project":
            return makeProject(session, admin, step);
        case "robot":
            return makeRobot(session, admin, step);
        case "image":
            return pushImage(session, admin, step);
        case "blob":
            return pushBlob(
                session,
                admin,
                session.names.in(step.repository),
                session.contents.blob(step.digest),
            );
        case "manifest":
            return pushManifest(session, admin, session.names.in(step.repository), step);
        case "upstream":
            return pushManifest(
                session,
                { url: session.server.upstreamUrl ?? "", authorization: undefined },
                step.repository,
                step,
            );
    }
}

async function call(
    session: Session,
    caller: Caller,
    method: string,
    path: string,
    body: Buffer | undefined,
    type: string,
    expected: readonly number[],
): Promise<Answer> {
    const headers: Record<string, string> = { "content-type": type };
    if (caller.authorization !== undefined) {
        headers["authorization"] = caller.authorization;
    }
    const url = path.startsWith("http") ? path : `${caller.url}${path}`;
    const answer = await afterLock(() => send(session.server, method, url, headers, body));
    if (!expected.includes(answer.status)) {
        throw new Error(
            `${method} ${url} answered ${answer.status}: ${answer.body.toString("utf8")}`,
        );
    }
    return answer;
}

async function post(
    session: Session,
    caller: Caller,
    path: string,
    value: unknown,
): Promise<Answer> {
    const body = Buffer.from(JSON.stringify(value));
    const answer = await call(session, caller, "POST", path, body, "application/json", [201]);
    const { location } = answer.headers;
    if (location !== undefined) {
        session.noteMade(location, value);
    }
    return answer;
}

/** Records the id of a created resource for its id in the recording. */
function learnId(session: Session, kind: string, recordedId: number, answer: Answer): void {
    const { location = "" } = answer.headers;
    session.values.set(`${kind}-${recordedId}`, location.slice(location.lastIndexOf("/") + 1));
}

async function makeUser(
    session: Session,
    admin: Caller,
    { name, recordedId }: Extract<SetupStep, { setup: "user" }>,
): Promise<void> {
    const answer = await post(session, admin, "/api/v2.0/users", {
        username: session.names.in(name),
        email: session.names.in(`${name}@lab.test`),
        realname: name.slice(0, 1).toUpperCase() + name.slice(1),
        comment: "lab",
        password: session.newPassword(name),
    });
    learnId(session, "users", recordedId, answer);
}

async function makeProject(
    session: Session,
    admin: Caller,
    step: Extract<SetupStep, { setup: "project" }>,
): Promise<void> {
    const authorization = session.basic(step.as ?? "admin", undefined);
    const answer = await post(session, { ...admin, authorization }, "/api/v2.0/projects", {
        project_name: session.names.in(step.name),
        ...(step.storageLimit === undefined ? {} : { storage_limit: step.storageLimit }),
    });
    learnId(session, "projects", step.recordedId ?? 0, answer);
}

async function makeRobot(
    session: Session,
    admin: Caller,
    step: Extract<SetupStep, { setup: "robot" }>,
): Promise<void> {
    const answer = await post(session, admin, "/api/v2.0/robots", {
        name: session.names.in(step.name),
        level: step.level,
        duration: -1,
        permissions: session.json(step.permissions),
    });
    const robot = JSON.parse(answer.body.toString("utf8")) as { name: string; secret: string };
    session.setPassword(robot.name, robot.secret);
}

async function pushBlob(
    session: Session,
    caller: Caller,
    repository: string,
    content: Buffer,
): Promise<void> {
    const begin = `/v2/${repository}/blobs/uploads/`;
    const type = "application/octet-stream";
    const upload = await call(session, caller, "POST", begin, Buffer.alloc(0), type, [202]);
    const { location = "" } = upload.headers;
    const url = new URL(location, caller.url);
    url.searchParams.set("digest", digestOf(content));
    await call(session, caller, "PUT", url.href, content, type, [201]);
}

async function pushManifest(
    session: Session,
    caller: Caller,
    repository: string,
    step: { readonly reference: string; readonly text: string },
): Promise<void> {
    const recorded = JSON.parse(step.text) as {
        mediaType: string;
        config: { digest: string };
        layers: { digest: string }[];
    };
    for (const { digest } of [recorded.config, ...recorded.layers]) {
        await pushBlob(session, caller, repository, session.contents.blob(digest));
    }
    const body = session.contents.manifest(step.text);
    const path = `/v2/${repository}/manifests/${step.reference}`;
    await call(session, caller, "PUT", path, body, recorded.mediaType, [201]);
}

/** An image of one layer of the given size, in the form of the recordings' images. */
async function pushImage(
    session: Session,
    caller: Caller,
    step: Extract<SetupStep, { setup: "image" }>,
): Promise<void> {
    const repository = session.names.in(step.repository);
    const layer = Buffer.alloc(step.layerBytes, `${step.repository}:${step.tag}`);
    const config = Buffer.from(
        JSON.stringify({
            architecture: "amd64",
            os: "linux",
            created: "2024-01-01T00:00:00Z",
            config: { Cmd: ["/data.txt"], Labels: { lab: "1" } },
            rootfs: { type: "layers", diff_ids: [digestOf(layer)] },
            history: [{ created: "2024-01-01T00:00:00Z", created_by: "COPY data.txt /" }],
        }),
    );
    await pushBlob(session, caller, repository, layer);
    await pushBlob(session, caller, repository, config);
    const manifest = JSON.stringify({
        schemaVersion: 2,
        mediaType: dockerManifest,
        config: {
            mediaType: "application/vnd.docker.container.image.v1+json",
            size: config.length,
            digest: digestOf(config),
        },
        layers: [
            {
                mediaType: "application/vnd.docker.image.rootfs.diff.tar.gzip",
                size: layer.length,
                digest: digestOf(layer),
            },
        ],
    });
    session.contents.rename(step.recordedDigest ?? "", digestOf(Buffer.from(manifest)));
    const path = `/v2/${repository}/manifests/${step.tag}`;
    await call(session, caller, "PUT", path, Buffer.from(manifest), dockerManifest, [201]);
}
