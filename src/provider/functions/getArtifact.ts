import type { HarborClient } from "../../harbor/client";
import { getProject, type Project } from "../../harbor/project";
import { harborFunction } from "../function";
import { getSystemAllowlist } from "../harbor/allowlist";
import {
    type Artifact,
    listVulnerabilities,
    getArtifact as readArtifact,
} from "../harbor/artifact";
import { blockedBecause, needsVulnerabilities } from "../harbor/gate";
import { projectName } from "../rules";

const asked = {
    project: {
        type: "string",
        required: true,
        check: projectName,
        description: "Name of the project.",
    },
    repository: {
        type: "string",
        required: true,
        check: (value: string) => (value === "" ? "is empty; expected a name" : undefined),
        description: "Name of the repository, without the project.",
    },
    reference: {
        type: "string",
        required: true,
        check: (value: string) =>
            value === "" ? "is empty; expected a tag or a digest" : undefined,
        description: "Tag or digest.",
    },
} as const;

/** `harbor.getArtifact`: the artifact under a reference, and whether clients may pull it. */
export const getArtifact = harborFunction({
    token: "harbor:index/getArtifact:getArtifact",
    description:
        "Looks up an artifact by tag or digest. A missing artifact is a result (`exists: false`), not an error.",
    inputs: asked,
    outputs: {
        ...asked,
        exists: { type: "boolean", required: true, description: "Whether the artifact exists." },
        digest: { type: "string", description: "Digest of the manifest or index." },
        type: { type: "string", description: "Harbor's type, such as `IMAGE` or `UNKNOWN`." },
        mediaType: { type: "string", description: "Media type of the manifest or index." },
        size: { type: "number", description: "Size in bytes, including the layers." },
        pushTime: { type: "string", description: "Time of the push, in RFC 3339." },
        pullTime: {
            type: "string",
            description: "Time of the last pull, in RFC 3339; absent if never pulled.",
        },
        tags: { type: { list: "string" }, description: "Tags of the artifact." },
        blocked: {
            type: "boolean",
            required: true,
            description: "Whether Harbor refuses pulls of the artifact.",
        },
        blockedReason: {
            type: "string",
            description: "Why Harbor refuses pulls; absent if it allows them.",
        },
    },
    async invoke({ project, repository, reference }, { client }) {
        const question = { project, repository, reference };
        const artifact = await readArtifact(client, project, repository, reference);
        if (!artifact) return { ...question, exists: false, blocked: false };
        const blockedReason = await whyBlocked(client, question, artifact);
        const { digest, type, mediaType, size, pushTime, pullTime, tags } = artifact;
        return {
            ...question,
            exists: true,
            ...{ digest, type, mediaType, size, pushTime, pullTime, tags },
            blocked: blockedReason !== undefined,
            blockedReason,
        };
    },
});

async function whyBlocked(
    client: HarborClient,
    where: { project: string; repository: string; reference: string },
    artifact: Artifact,
): Promise<string | undefined> {
    const project = await getProject(client, where.project);
    if (!project) return undefined;
    if (!needsVulnerabilities(project, artifact)) {
        return blockedBecause({ project, artifact, vulnerabilities: [], allowlist: [] });
    }
    const vulnerabilities = await listVulnerabilities(
        client,
        where.project,
        where.repository,
        artifact.digest,
    );
    const allowlist = await allowlistOf(client, project);
    return blockedBecause({ project, artifact, vulnerabilities, allowlist });
}

async function allowlistOf(client: HarborClient, project: Project): Promise<readonly string[]> {
    if (!project.reuseSystemCveAllowlist) return project.cveAllowlist;
    return (await getSystemAllowlist(client)).ids;
}
