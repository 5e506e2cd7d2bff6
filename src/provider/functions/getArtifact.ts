import { getSystemAllowlist } from "../../harbor/allowlist";
import {
    type Artifact,
    listVulnerabilities,
    getArtifact as readArtifact,
} from "../../harbor/artifact";
import type { HarborClient } from "../../harbor/client";
import { blockedBecause, needsVulnerabilities } from "../../harbor/gate";
import { getProject, type Project } from "../../harbor/project";
import { harborFunction } from "../function";
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
        check: (value: string) => (value === "" ? "is empty" : undefined),
        description: "Name of the repository, without the project.",
    },
    reference: {
        type: "string",
        required: true,
        check: (value: string) => (value === "" ? "is empty" : undefined),
        description: "Tag or digest.",
    },
} as const;

/** `harbor.getArtifact`: what Harbor has under a reference, and whether it gives it out. */
export const getArtifact = harborFunction({
    token: "harbor:index/getArtifact:getArtifact",
    description:
        "Looks an artifact up by tag or digest. That it does not exist is an answer (`exists: false`), not an error.",
    inputs: asked,
    outputs: {
        ...asked,
        exists: { type: "boolean", required: true, description: "Whether Harbor has it." },
        digest: { type: "string", description: "Digest of its manifest or index." },
        type: { type: "string", description: "Harbor's type, such as `IMAGE` or `UNKNOWN`." },
        mediaType: { type: "string", description: "Media type of its manifest or index." },
        size: { type: "number", description: "Size in bytes, layers and all." },
        pushTime: { type: "string", description: "When it was pushed, in RFC 3339." },
        pullTime: { type: "string", description: "When it was last pulled; absent for never." },
        tags: { type: { list: "string" }, description: "Every tag it has." },
        blocked: {
            type: "boolean",
            required: true,
            description: "Whether Harbor refuses to give it out.",
        },
        blockedReason: { type: "string", description: "Why it is refused; absent when it is not." },
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
