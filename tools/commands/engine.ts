import { delimiter, dirname, join } from "node:path";
import type { MoreImage } from "../sandbox/images/baseImages";
import { ensureSandbox, type Sandbox, type SandboxOptions, Scheme } from "../sandbox/sandbox";
import { ensureTools, installPlugins, type Tools } from "../toolchain/tools";
import { buildPackage } from "./build";
import { declareBuilder } from "./builder";
import { givenHarbor, type HarborAccess, heldHarbor, holdHarbor } from "./harbor";
import { Problem } from "./problem";
import { givenAuthorities } from "./trust";
import { quickstartProject, stackName, stackPassphrase, type Workspace } from "./workspace";

/** A Pulumi engine that is ready to run the root project, with its Harbor and sandbox. */
export interface Engine {
    readonly tools: Pick<Tools, EngineTool>;
    readonly sandbox: Sandbox;
    /** Options of the running sandbox. */
    readonly sandboxOptions: SandboxOptions;
    readonly harbor: HarborAccess;
    /** Environment of every `pulumi` run. */
    readonly environment: NodeJS.ProcessEnv;
}

/** The tools that a run of the root project needs. */
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

/** Variable with the scheme of the sandbox's Harbor; the default is https. */
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

/** Options of {@link prepareEngine}. */
interface Preparation {
    /** @default process.env */
    readonly environment?: NodeJS.ProcessEnv;
    /** Provides the tools. @default builds missing tools */
    readonly bring?: (names: typeof engineTools) => Promise<Pick<Tools, EngineTool>>;
    /** Further base images of the sandbox. @default none */
    readonly baseImages?: readonly MoreImage[];
    /** Whether the sandbox's BuildKit prunes nothing. @default false */
    readonly keepsCache?: boolean;
}

/** Prepares tools, package and sandbox for a `pulumi` run; quick when they exist. */
export async function prepareEngine(
    workspace: Workspace,
    {
        environment: outer = process.env,
        bring = ensureTools,
        baseImages: more = [],
        keepsCache,
    }: Preparation = {},
): Promise<Engine> {
    const given = givenHarbor(outer);
    const { files: authorities, faults } = givenAuthorities(outer);
    if (faults.length > 0) {
        throw new Problem(["certificate authorities cannot be used:", ...faults].join("\n  "));
    }
    const tools = await bring(engineTools);
    await buildPackage();
    const scheme = sandboxScheme(outer[schemeVariable]);
    const dataDir = workspace.sandboxDir;
    const sandboxOptions = {
        dataDir,
        tools: { ...tools, more },
        given,
        authorities,
        scheme,
        keepsCache,
    };
    const sandbox = await ensureSandbox(sandboxOptions);
    const harbor = given === undefined ? ownHarbor(sandbox) : trusting(given, sandbox, authorities);
    const isUp = (await heldHarbor(workspace)) !== undefined;
    await holdHarbor(workspace, harbor);
    await installPlugins(tools, workspace.pulumiHome);
    await declareBuilder(workspace.dockerConfig, sandbox.buildkitAddress, outer);
    const environment = {
        ...(await engineEnvironment(workspace, outer, { tools, sandbox, harbor })),
        ...(given === undefined
            ? {}
            : { QUICKSTART_PROJECT: await quickstartProject(workspace, { isUp }) }),
    };
    return { tools, sandbox, sandboxOptions, harbor, environment };
}

function ownHarbor({ harbor }: Sandbox): HarborAccess {
    if (harbor === undefined) {
        throw new Error("the sandbox has no Harbor");
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

/** The given Harbor with the authorities that clients trust for it; http needs none. */
function trusting(
    harbor: HarborAccess,
    { caBundle }: Sandbox,
    authorities: readonly string[],
): HarborAccess {
    const needsAuthorities = harbor.url.startsWith("https:") && authorities.length > 0;
    return needsAuthorities ? { ...harbor, caFile: caBundle } : harbor;
}

async function engineEnvironment(
    workspace: Workspace,
    outer: NodeJS.ProcessEnv,
    { tools, sandbox, harbor }: Pick<Engine, "tools" | "sandbox" | "harbor">,
): Promise<NodeJS.ProcessEnv> {
    const path = [tools.nodejsHostDir, dirname(tools.node), dirname(tools.pulumi)];
    return {
        ...outer,
        PATH: [...path, outer["PATH"]].join(delimiter),
        PULUMI_HOME: workspace.pulumiHome,
        PULUMI_BACKEND_URL: workspace.backendUrl,
        PULUMI_CONFIG_PASSPHRASE:
            outer["PULUMI_CONFIG_PASSPHRASE"] ?? (await stackPassphrase(workspace)),
        PULUMI_STACK: outer["PULUMI_STACK"] || stackName,
        PULUMI_SKIP_UPDATE_CHECK: "true",
        // `npm test` checks the types of the program; here that would take longer than the rest.
        PULUMI_NODEJS_TRANSPILE_ONLY: "true",
        // Compiled code of Pulumi's SDK, TypeScript and the plugins: a fifth of a run's processor time.
        NODE_COMPILE_CACHE:
            outer["NODE_COMPILE_CACHE"] ?? join(workspace.privateDir, "compile-cache"),
        DOCKER_CONFIG: workspace.dockerConfig,
        HARBOR_URL: harbor.url,
        HARBOR_USERNAME: harbor.username,
        HARBOR_PASSWORD: harbor.password,
        HARBOR_IGNORE_CERT: String(harbor.ignoreCertificate),
        // Go programs read the first variable, Node.js reads the second.
        SSL_CERT_FILE: sandbox.caBundle,
        NODE_EXTRA_CA_CERTS: sandbox.caBundle,
        // The program that fetches the registry's token verifies the certificate. BuildKit can skip
        // the verification, docker-build's plugin cannot. This variable lets BuildKit fetch the
        // token.
        ...(harbor.ignoreCertificate ? { BUILDKIT_NO_CLIENT_TOKEN: "true" } : {}),
    };
}
