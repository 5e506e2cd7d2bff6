import { mkdir, readFile, writeFile } from "node:fs/promises";
import { delimiter, dirname, join } from "node:path";
import { ensureSandbox, type Sandbox, type SandboxOptions, Scheme } from "../sandbox/sandbox";
import { ensureTools, installPlugins, type Tools } from "../toolchain/tools";
import { buildPackage } from "./build";
import { declareBuilder } from "./builder";
import { givenHarbor, type HarborAccess, holdHarbor } from "./harbor";
import { Problem } from "./problem";
import { stackName, stackPassphrase, type Workspace } from "./workspace";

/** A Pulumi engine that is ready to run the root project, and what it talks to. */
export interface Engine {
    readonly tools: Pick<Tools, EngineTool>;
    readonly sandbox: Sandbox;
    /** What the sandbox was started with. */
    readonly sandboxOptions: SandboxOptions;
    readonly harbor: HarborAccess;
    /** Environment of every `pulumi` run. */
    readonly environment: NodeJS.ProcessEnv;
}

/** What a run of the root project needs. */
export const engineTools = [
    "node",
    "pulumi",
    "pulumiPlugins",
    "nodejsHostDir",
    "caBundle",
    "buildkitd",
    "buildctl",
    "runc",
    "registry",
    "busybox",
    "zoneinfo",
    "goroot",
] as const;
type EngineTool = (typeof engineTools)[number];

/** Variable by which the sandbox's Harbor can be had over http; https is the default. */
const schemeVariable = "HARBOR_BUILD_SANDBOX_SCHEME";

function sandboxScheme(value: string | undefined): Scheme | undefined {
    if (value === undefined || value === "") {
        return undefined;
    }
    if (value === Scheme.Https || value === Scheme.Http) {
        return value;
    }
    throw new Problem(`${schemeVariable}: "${value}" is neither https nor http`);
}

/** Brings tools, package and sandbox to where a `pulumi` run works; quick when they are there. */
export async function prepareEngine(workspace: Workspace): Promise<Engine> {
    const given = givenHarbor(process.env);
    const tools = await ensureTools(engineTools);
    await buildPackage();
    const scheme = sandboxScheme(process.env[schemeVariable]);
    const sandboxOptions = { dataDir: workspace.sandboxDir, tools, given, scheme };
    const sandbox = await ensureSandbox(sandboxOptions);
    const harbor = given ?? ownHarbor(sandbox);
    await holdHarbor(workspace, harbor);
    await installPlugins(tools, workspace.pulumiHome);
    await declareBuilder(workspace.dockerConfig, sandbox.buildkitAddress);
    const environment = await engineEnvironment(workspace, tools, harbor);
    return { tools, sandbox, sandboxOptions, harbor, environment };
}

function ownHarbor({ harbor }: Sandbox): HarborAccess {
    if (harbor === undefined) {
        throw new Error("the sandbox was asked for a Harbor and has none");
    }
    const { url, username, password, caFile } = harbor;
    return {
        url,
        username,
        password,
        ignoreCertificate: false,
        ...(caFile === undefined ? {} : { caFile }),
    };
}

async function engineEnvironment(
    workspace: Workspace,
    tools: Pick<Tools, EngineTool>,
    harbor: HarborAccess,
): Promise<NodeJS.ProcessEnv> {
    const path = [tools.nodejsHostDir, dirname(tools.node), dirname(tools.pulumi)];
    return {
        ...process.env,
        PATH: [...path, process.env["PATH"]].join(delimiter),
        PULUMI_HOME: workspace.pulumiHome,
        PULUMI_BACKEND_URL: workspace.backendUrl,
        PULUMI_CONFIG_PASSPHRASE:
            process.env["PULUMI_CONFIG_PASSPHRASE"] ?? (await stackPassphrase(workspace)),
        PULUMI_STACK: process.env["PULUMI_STACK"] || stackName,
        PULUMI_SKIP_UPDATE_CHECK: "true",
        // `npm test` checks the types of the program; here that would take longer than the rest.
        PULUMI_NODEJS_TRANSPILE_ONLY: "true",
        DOCKER_CONFIG: workspace.dockerConfig,
        HARBOR_URL: harbor.url,
        HARBOR_USERNAME: harbor.username,
        HARBOR_PASSWORD: harbor.password,
        HARBOR_IGNORE_CERT: String(harbor.ignoreCertificate),
        ...(await trustEnvironment(workspace, tools, harbor)),
    };
}

/** Both plugins trust what the machine trusts and the sandbox's own authority. */
async function trustEnvironment(
    workspace: Workspace,
    tools: Pick<Tools, EngineTool>,
    { caFile }: HarborAccess,
): Promise<NodeJS.ProcessEnv> {
    if (caFile === undefined) {
        return {};
    }
    const bundle = join(workspace.privateDir, "trust.pem");
    const pem = [await readFile(tools.caBundle, "utf8"), await readFile(caFile, "utf8")].join("\n");
    if ((await readFile(bundle, "utf8").catch(() => undefined)) !== pem) {
        await mkdir(dirname(bundle), { recursive: true });
        await writeFile(bundle, pem);
    }
    return { SSL_CERT_FILE: bundle, NODE_EXTRA_CA_CERTS: bundle };
}
