import { tagsOf } from "./artifactStore";
import { findArtifact } from "./artifacts";
import { tagView } from "./artifactView";
import type { Api, Call, Reply } from "./core/api";
import { badRequest, conflict, notFound } from "./core/fault";
import { string, struct } from "./core/goJson";
import { order, parseQ, type Searchable, search } from "./core/listing";
import { now, type Tag, zeroTime } from "./core/model";
import { refuseImmutableTag } from "./immutableGate";
import { isTag } from "./registry/target";

const fields: Searchable<Tag> = {
    id: (tag) => tag.id,
    name: (tag) => tag.name,
    push_time: (tag) => tag.pushed,
    pull_time: (tag) => tag.pulled,
};

function list(call: Call): Reply {
    const artifact = findArtifact(call, "tag", "list");
    const found = search(tagsOf(call.services.store, artifact.id), parseQ(call.query("q")), fields);
    return call.page(order(found, call.query("sort"), fields, "-push_time,-id"), (tag) =>
        tagView(call, tag),
    );
}

function create(call: Call): Reply {
    const { name = "" } = call.body("tag", struct("Tag", { name: string() }));
    const artifact = findArtifact(call, "tag", "create");
    if (!isTag(name)) {
        throw badRequest(`bad request: invalid tag name: ${name}`);
    }
    const { store } = call.services;
    const { repositoryId } = artifact;
    const taken = store.of("tags").find((t) => t.repositoryId === repositoryId && t.name === name);
    if (taken !== undefined) {
        throw conflict(`tag ${name} already exists under the repository ${repositoryId}`);
    }
    const id = store.nextId("tags");
    const times = { pushed: now(), pulled: zeroTime };
    store.of("tags").put({ id, repositoryId, artifactId: artifact.id, name, ...times });
    const path = call.url.pathname.replace(/\/$/, "");
    return { status: 201, headers: { Location: `${path}/${name}` } };
}

function remove(call: Call): Reply {
    const artifact = findArtifact(call, "tag", "delete");
    const name = call.param("tag_name");
    const { store } = call.services;
    const tag = tagsOf(store, artifact.id).find((one) => one.name === name);
    if (tag === undefined) {
        throw notFound(`tag ${name} attached to artifact ${artifact.id} not found`);
    }
    refuseImmutableTag(store, artifact, name);
    store.of("tags").remove(tag.id);
    return {};
}

export function tagRoutes(api: Api): void {
    const all = "/projects/:project_name/repositories/:repository_name/artifacts/:reference/tags";
    api.on("GET", all, list);
    api.on("POST", all, create);
    api.on("DELETE", `${all}/:tag_name`, remove);
}
