import type { Project, ProjectSettings } from "../../harbor/project";
import {
    createProject,
    deleteProject,
    getProject,
    projectExists,
    updateProject,
} from "../../harbor/project";
import { hasStatus } from "../../http/error";
import { reasonOf } from "../../text/reason";
import { explaining, type Failure, PartialError, UserError } from "../failure";
import { askQuotas, getQuota, setQuota } from "../harbor/quota";
import { deleteRepository, listRepositories } from "../harbor/repository";
import { isReadOnly } from "../harbor/settings";
import { nameIn, numberIn, requiredNumberIn } from "../ids";
import { harborName } from "../naming";
import type { Values } from "../property";
import { type Context, resource, type State } from "../resource";
import { toBytes, toGiB } from "../storage";
import type { Bag } from "../values";
import { projectProperties } from "./projectProperties";
import { chooseScanner, readScanner } from "./projectScanner";

type Inputs = Values<typeof projectProperties>;

/** `harbor.Project`: the first segment of every repository's name. */
export const project = resource({
    token: "harbor:index/project:Project",
    description:
        "A Harbor project: the first path segment of its repositories' names. Harbor deletes only empty projects, unless `forceDestroy` is set.",
    idAlias: "harborProjectId",
    properties: projectProperties,
    identity: ["name"],
    importForms: "/projects/ID, ID, /projects/NAME or NAME",
    autoName: harborName,
    check,
    async rehearse(inputs, context) {
        const { name, storageQuota } = inputs;
        if (await projectExists(context.client, name)) await refuseExisting(inputs, context);
        if (storageQuota !== -1) {
            await askQuotas(context.client).catch(explainQuota);
        }
    },
    create,
    async read(id, prior, context) {
        const key = numberIn(id, "projects") ?? nameIn(id, "projects");
        const found = await getProject(context.client, key).catch((error: unknown) =>
            goneUnlessThere(error, prior, context),
        );
        return found && state(found, prior, context);
    },
    async update(id, inputs, olds, context) {
        const number = requiredNumberIn(id, "projects");
        await updateProject(context.client, number, settings(inputs));
        if (inputs.storageQuota !== (olds["storageQuota"] ?? -1)) {
            await applyQuota(number, inputs, context);
        }
        if (
            inputs.vulnerabilityScanner &&
            inputs.vulnerabilityScanner !== olds["vulnerabilityScanner"]
        ) {
            await chooseScanner(context.client, number, inputs.vulnerabilityScanner);
        }
        return { id, outputs: { projectId: number, registryId: olds["registryId"] ?? 0 } };
    },
    delete: remove,
});

// A login that may not see all projects gets 403 for deleted projects too; a request by name tells
// them apart.
async function goneUnlessThere(error: unknown, prior: Bag, context: Context): Promise<undefined> {
    const name = prior["name"];
    if (!hasStatus(error, 403) || typeof name !== "string") throw error;
    if (await projectExists(context.client, name)) throw error;
}

function check(inputs: Partial<Inputs>, unknown: ReadonlySet<string>): Failure[] {
    const failures: Failure[] = [];
    if (inputs.registryId || unknown.has("registryId")) return failures;
    for (const key of ["proxySpeedKb", "proxyCacheLocalOnNotFound"] as const) {
        const value = inputs[key];
        if (value === undefined || value === projectProperties[key].default) continue;
        failures.push({
            property: key,
            reason: `${value} has no meaning for a project that is not a proxy cache, and Harbor drops it; set registryId or remove it`,
        });
    }
    return failures;
}

/** Settings that a failed creation may lack; the next update sets them. */
const undone = {
    cveAllowlists: undefined,
    storageQuota: undefined,
    vulnerabilityScanner: undefined,
};

async function create(inputs: Inputs, context: Context): Promise<State> {
    const { client } = context;
    const limit = toBytes(inputs.storageQuota);
    const request = {
        name: inputs.name,
        registryId: inputs.registryId || undefined,
        storageLimit: limit,
        ...settings(inputs),
    };
    const { value: number } = await createProject(client, request).catch((error: unknown) =>
        explainConflict(error, inputs, context),
    );
    const id = `/projects/${number}`;
    const outputs = { projectId: number, registryId: inputs.registryId ?? 0 };
    try {
        // Harbor ignores the list of a new project.
        if (inputs.cveAllowlists?.length) await updateProject(client, number, settings(inputs));
        // Harbor silently ignores the limit unless a system administrator sends it.
        if (limit !== -1 && (await getQuota(client, number))?.limit !== limit) {
            await applyQuota(number, inputs, context);
        }
        if (inputs.vulnerabilityScanner) {
            await chooseScanner(client, number, inputs.vulnerabilityScanner);
        }
    } catch (cause) {
        throw new PartialError(`project "${inputs.name}" was created, but ${reasonOf(cause)}`, {
            id,
            outputs: { ...outputs, ...undone },
            cause,
        });
    }
    return { id, outputs };
}

async function explainConflict(error: unknown, inputs: Inputs, context: Context): Promise<never> {
    if (!hasStatus(error, 409)) throw error;
    return refuseExisting(inputs, context, error);
}

/**
 * Refuses to take over a project. Harbor does not record which stack created it, so even one that a
 * killed run seems to have left may belong to another stack: the user decides whether to import it.
 */
async function refuseExisting(inputs: Inputs, context: Context, cause?: unknown): Promise<never> {
    const { name } = inputs;
    const existing = await getProject(context.client, name).catch(() => undefined);
    const id = `/projects/${existing?.id ?? name}`;
    throw new UserError(
        `name: project "${name}" already exists${existing ? ` (${describe(id, existing)})` : ""}. ${choices(id, inputs, context)}; to create another project, choose another name`,
        { cause },
    );
}

/** What tells a user whose project it is. */
function describe(id: string, { createdMs, repositoryCount }: Project): string {
    const created = new Date(createdMs);
    return [
        id,
        ...(Number.isNaN(createdMs) ? [] : [`created ${created.toISOString().slice(0, 19)}Z`]),
        `repositories: ${repositoryCount}`,
    ].join(", ");
}

/**
 * What to do about a declared project that already exists. The components have arguments for this.
 */
function choices(id: string, { forceDestroy }: Inputs, { parentType }: Context): string {
    const manage = "To manage it here, for example because an interrupted run created it,";
    if (!parentType?.startsWith("harbor-build:")) {
        const risk = forceDestroy ? " (`forceDestroy` then deletes its images with it)" : "";
        return `${manage} import it${risk}: \`pulumi import harbor:index/project:Project NAME ${id}\` with NAME as in the program, or the resource option \`import: "${id}"\``;
    }
    const risk = forceDestroy
        ? " (with `retainImages: false`, a destroy then deletes its images)"
        : "";
    return `${manage} set \`import: "${id}"\` next to its name${risk}; to use it without managing it, set \`existing: true\` there`;
}

async function applyQuota(number: number, inputs: Inputs, context: Context): Promise<void> {
    const limit = toBytes(inputs.storageQuota);
    await setQuota(context.client, number, limit).catch(explainQuota);
}

const explainQuota = explaining({
    403: (error) =>
        isReadOnly(error)
            ? undefined
            : "storageQuota: only a system administrator of Harbor can set a project's quota, which the configured login is not; leave storageQuota out, or log in as one",
});

function settings(inputs: Inputs): ProjectSettings {
    const severity = inputs.deploymentSecurity?.toLowerCase();
    const gated = severity !== undefined && severity !== "" && severity !== "none";
    const allowlist = inputs.cveAllowlists ?? [];
    const proxy = inputs.registryId ? inputs : undefined;
    return {
        public: inputs.public,
        autoScan: inputs.vulnerabilityScanning,
        autoSbomGeneration: inputs.autoSbomGeneration,
        enableContentTrust: inputs.enableContentTrust,
        enableContentTrustCosign: inputs.enableContentTrustCosign,
        preventVulnerable: gated,
        severity: gated ? severity : "low",
        reuseSystemCveAllowlist: allowlist.length === 0,
        cveAllowlist: allowlist,
        proxySpeedKb: proxy?.proxySpeedKb,
        proxyCacheLocalOnNotFound: proxy?.proxyCacheLocalOnNotFound,
    };
}

async function state(found: Project, prior: Bag, context: Context): Promise<State> {
    const quota = await getQuota(context.client, found.id);
    const managed = prior["vulnerabilityScanner"] !== undefined;
    return {
        id: `/projects/${found.id}`,
        outputs: {
            name: found.name,
            projectId: found.id,
            public: found.public,
            registryId: found.registryId ?? 0,
            vulnerabilityScanning: found.autoScan,
            autoSbomGeneration: found.autoSbomGeneration,
            enableContentTrust: found.enableContentTrust,
            enableContentTrustCosign: found.enableContentTrustCosign,
            deploymentSecurity: found.preventVulnerable ? found.severity : undefined,
            cveAllowlists: found.reuseSystemCveAllowlist ? undefined : found.cveAllowlist,
            proxySpeedKb: found.registryId ? (found.proxySpeedKb ?? -1) : -1,
            proxyCacheLocalOnNotFound: found.proxyCacheLocalOnNotFound,
            storageQuota: quota ? toGiB(quota.limit) : (prior["storageQuota"] ?? -1),
            vulnerabilityScanner: managed ? await readScanner(context.client, found.id) : undefined,
        },
    };
}

/** Maximum number of rounds to empty a project that still receives pushes. */
const emptyingRounds = 3;

async function remove(id: string, olds: Bag, context: Context): Promise<void> {
    const { client } = context;
    const number = requiredNumberIn(id, "projects");
    const name = String(olds["name"]);
    for (let round = 1; ; round++) {
        try {
            return await deleteProject(client, number);
        } catch (error) {
            if (hasStatus(error, 403)) return goneUnlessThere(error, olds, context);
            if (!hasStatus(error, 412)) throw error;
            if (olds["forceDestroy"] !== true) throw await stillFull(name, error, context);
            if (round > emptyingRounds) throw error;
            await empty(name, context);
        }
    }
}

async function empty(name: string, context: Context): Promise<void> {
    for (const repository of await listRepositories(context.client, name)) {
        await deleteRepository(context.client, name, repository).catch(
            explaining({
                412: ({ reason }) =>
                    `forceDestroy: repository "${name}/${repository}" cannot be deleted: ${reason}; remove the immutable tag rules of the project first`,
            }),
        );
    }
}

async function stillFull(name: string, cause: unknown, context: Context): Promise<unknown> {
    const repositories = await listRepositories(context.client, name).catch(() => undefined);
    if (repositories?.length === 0) return cause;
    const holds = repositories ? `${repositories.length} repositories` : "repositories";
    return new UserError(
        `project "${name}" still holds ${holds}, which stay. To delete them with the project, set \`forceDestroy: true\`, run \`pulumi up\`, and delete again`,
        { cause },
    );
}
