import { explaining } from "../failure";
import { createLabel, getLabel, type LabelSettings, updateLabel } from "../harbor/label";
import { canonicalProjectId, pathIn, projectIdRule, projectNumber, requiredNumberIn } from "../ids";
import type { Properties, Values } from "../property";
import { resource } from "../resource";
import { textLength } from "../rules";

/** The limits of Harbor's database. */
const nameLengthMax = 128;
const colorLengthMax = 16;

const properties = {
    name: {
        type: "string",
        autoNamed: true,
        check: textLength(nameLengthMax),
        description: "Name of the label. Default: the logical name and seven random digits.",
    },
    color: {
        type: "string",
        check: (value: string) =>
            value.length <= colorLengthMax
                ? undefined
                : `"${value}" has ${value.length} characters; expected a color such as "#FF0000"`,
        // The bridged provider wrote the word false for a missing color.
        normalize: (value: string) => (value === "false" ? "" : value),
        description: "Color, such as `#FF0000`. Default: the portal's default color.",
    },
    description: {
        type: "string",
        description: "Description of the label.",
    },
    projectId: {
        type: "string",
        replace: true,
        check: projectIdRule,
        normalize: canonicalProjectId,
        description:
            "Id of the label's project, `/projects/N`. Default: none, for a system-level label.",
    },
    scope: {
        type: "string",
        outputOnly: true,
        description: "`g` for a system-level label, `p` for a label of a project.",
    },
} satisfies Properties;

type Inputs = Values<typeof properties>;

/** `harbor.Label`: a label for artifacts. */
export const label = resource({
    token: "harbor:index/label:Label",
    description: "A label for artifacts, in one project or in all projects.",
    idAlias: "labelId",
    properties,
    identity: ["name", "projectId"],
    importForms: "/labels/ID or ID",
    async create(inputs, { client }) {
        const { value: id } = await createLabel(client, settings(inputs)).catch(
            explaining({
                409: () =>
                    `name: label "${inputs.name}" already exists. To manage it here, import it: \`pulumi import harbor:index/label:Label NAME /labels/ID\`, with its number in Harbor for ID`,
            }),
        );
        return { id: `/labels/${id}`, outputs: scopeOf(inputs.projectId) };
    },
    async read(id, _prior, { client }) {
        const number = requiredNumberIn(id, "labels");
        const found = await getLabel(client, number);
        if (!found) return undefined;
        const { name, description, color, scope, projectId } = found;
        return {
            id: `/labels/${number}`,
            outputs: {
                name,
                description,
                color,
                scope,
                projectId: projectId ? `/projects/${projectId}` : undefined,
            },
        };
    },
    async update(id, inputs, _olds, { client }) {
        await updateLabel(client, requiredNumberIn(id, "labels"), settings(inputs));
        return { id, outputs: scopeOf(inputs.projectId) };
    },
    delete: (id, _olds, { client }) => client.delete(pathIn(id, "labels")),
});

function settings(inputs: Inputs): LabelSettings {
    const { name, description, color, projectId } = inputs;
    return {
        name,
        description: description ?? "",
        color: color === "false" ? "" : (color ?? ""),
        projectId: projectId ? projectNumber(projectId) : undefined,
    };
}

function scopeOf(projectId: string | undefined) {
    return projectId ? { scope: "p", projectId: canonicalProjectId(projectId) } : { scope: "g" };
}
