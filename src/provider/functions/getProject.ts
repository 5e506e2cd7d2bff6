import { getProject as readProject } from "../../harbor/project";
import { UserError } from "../failure";
import { harborFunction } from "../function";
import { getProjectScanner } from "../harbor/scanner";
import { projectType } from "./projectType";

/** `harbor.getProject`: a project by name. */
export const getProject = harborFunction({
    token: "harbor:index/getProject:getProject",
    description: "Reads a project by name. A missing project is an error.",
    inputs: {
        id: { type: "string", description: "Ignored; the id is an output." },
        name: { type: "string", required: true, description: "Name of the project." },
    },
    outputs: {
        id: { type: "string", required: true, description: "Id of the project, `/projects/N`." },
        name: { type: "string", required: true, description: "Name of the project." },
        projectId: { type: "number", required: true, description: "Number of the project." },
        public: { type: "boolean", required: true, description: "Whether anyone may pull." },
        type: { type: "string", required: true, description: "`Project` or `ProxyCache`." },
        vulnerabilityScanner: {
            type: "string",
            required: true,
            description: "Name of the project's scanner; empty when Harbor has none.",
        },
        vulnerabilityScanning: {
            type: "boolean",
            required: true,
            description: "Whether images are scanned when they are pushed.",
        },
    },
    async invoke({ name }, { client }) {
        const project = await readProject(client, name);
        if (!project) throw new UserError(`name: Harbor has no project "${name}"`);
        const scanner = await getProjectScanner(client, project.id);
        return {
            id: `/projects/${project.id}`,
            name: project.name,
            projectId: project.id,
            public: project.public,
            type: projectType(project),
            vulnerabilityScanner: scanner?.name ?? "",
            vulnerabilityScanning: project.autoScan,
        };
    },
});
