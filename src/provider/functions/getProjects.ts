import { listProjects } from "../../harbor/project";
import { oneOf } from "../rules";
import { listing } from "./listing";
import { projectType, projectTypes } from "./projectType";

const project = {
    name: "getProjectsProject",
    description: "A project.",
    properties: {
        name: { type: "string", required: true, description: "Name of the project." },
        projectId: { type: "number", required: true, description: "Number of the project." },
        public: { type: "boolean", required: true, description: "Whether anyone may pull." },
        type: { type: "string", required: true, description: "`Project` or `ProxyCache`." },
        vulnerabilityScanning: {
            type: "boolean",
            required: true,
            description: "Whether images are scanned when they are pushed.",
        },
    },
} as const;

const filters = {
    name: { type: "string", description: "Only the project with exactly this name." },
    public: {
        type: "boolean",
        description: "Only public projects (true), or only private projects (false).",
    },
    type: {
        type: "string",
        check: oneOf(...projectTypes),
        description: "Only projects of this kind: `Project` or `ProxyCache`.",
    },
    vulnerabilityScanning: {
        type: "boolean",
        description:
            "Only projects that scan pushed images (true), or only those that do not (false).",
    },
} as const;

/** `harbor.getProjects`: the projects that the login may see. */
export const getProjects = listing({
    token: "harbor:index/getProjects:getProjects",
    description: "Lists the projects that the configured login may see.",
    filters,
    id: "harbor-projects",
    output: "projects",
    outputDescription: "The projects.",
    item: project,
    async list(wanted, { client }) {
        const { name, type, vulnerabilityScanning } = wanted;
        const all = await listProjects(client, { name });
        const found = all.filter(
            (item) =>
                (name === undefined || item.name === name) &&
                (wanted.public === undefined || item.public === wanted.public) &&
                (type === undefined || projectType(item) === type) &&
                (vulnerabilityScanning === undefined || item.autoScan === vulnerabilityScanning),
        );
        return found.map((item) => ({
            name: item.name,
            projectId: item.id,
            public: item.public,
            type: projectType(item),
            vulnerabilityScanning: item.autoScan,
        }));
    },
});
