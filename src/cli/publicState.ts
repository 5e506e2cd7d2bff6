import { execFile } from "node:child_process";
import { writeFileSync } from "node:fs";
import { asList, asRecord, asRecords, asText } from "../text/lenientJson";
import { reasonOf } from "../text/reason";
import { CommandError, describeFinding, good, note } from "./finding";
import { publicProvider } from "./publicPassphrase";
import { findSecrets, secretTexts } from "./secretSearch";
import { withoutSecrets } from "./stateSecrets";

/** Where a command runs. */
export interface CommandPlace {
    readonly folder: string;
    readonly env: NodeJS.ProcessEnv;
    readonly print: (line: string) => void;
}

/** The file of a public state. */
export interface PublicState {
    readonly format: typeof publicFormat;
    readonly project: string;
    readonly stack: string;
    /** Import file of `pulumi stack import`. */
    readonly state: unknown;
}

export const publicFormat = "harbor-build public state 1";

/** Largest state, in bytes. */
export const stateBytesMax = 512 * 1024 * 1024;
/** Time limit of one export, in milliseconds. */
const timeoutMs = 600_000;

/** Versions of the state's format that are known to mark secrets as this command expects. */
export const stateVersions: readonly unknown[] = [3, 4];
/** Secrets providers of Pulumi 3.259 (pkg/secrets). */
const secretsProviders = ["passphrase", "cloud", "service"];
/** Variables whose values a state must not contain either. */
const secretVariable = /pass|secret|token|credential|key$/i;
const variableCharactersMin = 8;

/**
 * `harbor-build public-state` writes the state of a stack to a file that everybody may read: without
 * secrets, for previews in pull requests. Needs the stack's passphrase only to search for copies of the
 * secrets.
 */
export async function publishState(
    { folder, env, print }: CommandPlace,
    { file, stack }: { readonly file: string; readonly stack: string | undefined },
): Promise<number> {
    const command = ["stack", "export", ...(stack === undefined ? [] : ["--stack", stack])];
    const plain = await exported([...command, "--show-secrets"], { folder, env });
    const encrypted = await exported(command, { folder, env });
    checkStates(encrypted, plain);
    const { value, paths, secrets } = withoutSecrets(encrypted, plain);
    const published = publicStateOf(value);
    checkSecrets(published, [...secretTexts(secrets), ...variableSecrets(env)]);
    writeFileSync(file, `${JSON.stringify(published)}\n`);
    const resources = resourcesOf(published.state);
    print(
        describeFinding(
            good(
                file,
                `${resources.length} resources, ${paths.length} secrets replaced, no copy of a secret found`,
            ),
        ),
    );
    for (const limit of limitsOf(encrypted)) print(limit);
    return 0;
}

async function exported(
    args: readonly string[],
    { folder, env }: Pick<CommandPlace, "folder" | "env">,
): Promise<unknown> {
    // Standard error may quote the state; only its first line is shown.
    const options = { cwd: folder, env, timeout: timeoutMs, maxBuffer: stateBytesMax };
    const stdout = await new Promise<string>((resolve, reject) => {
        execFile("pulumi", [...args, "--non-interactive"], options, (error, out, errors) => {
            if (error === null) return resolve(out);
            const reason = errors.trim().split("\n")[0] || reasonOf(error).split("\n")[0];
            reject(
                new CommandError(
                    `pulumi ${args.join(" ")}`,
                    `${reason}.`,
                    "log in to the stack's backend, name the stack with --stack, and give its passphrase; they stay on this machine.",
                ),
            );
        });
    });
    try {
        return JSON.parse(stdout);
    } catch {
        // The error would quote the state.
        throw new CommandError(
            `pulumi ${args.join(" ")}`,
            "its output is not JSON.",
            "run the command yourself to see its output, and set no variable that adds to it.",
        );
    }
}

function checkStates(encrypted: unknown, plain: unknown): void {
    const { version } = asRecord(encrypted);
    if (!stateVersions.includes(version)) {
        throw new CommandError(
            "version",
            `the state has version ${JSON.stringify(version)}. Expected ${stateVersions.join(" or ")}.`,
            "update harbor-build.",
        );
    }
    const { type } = asRecord(deploymentOf(encrypted)["secrets_providers"]);
    if (!secretsProviders.includes(asText(type))) {
        throw new CommandError(
            "secrets_providers",
            `${JSON.stringify(type)} is unknown. Expected ${secretsProviders.join(", ")}.`,
            "update harbor-build: this version does not support this provider.",
        );
    }
    if (timeOf(encrypted) !== timeOf(plain)) {
        throw new CommandError(
            "state",
            "it changed during the export.",
            "run this command again after the update.",
        );
    }
}

const deploymentOf = (state: unknown) => asRecord(asRecord(state)["deployment"]);
const timeOf = (state: unknown) => asRecord(deploymentOf(state)["manifest"])["time"];
const resourcesOf = (state: unknown) => asRecords(deploymentOf(state)["resources"]);

function publicStateOf(state: unknown): PublicState {
    const [root] = resourcesOf(state);
    // urn:pulumi:STACK::PROJECT::…
    const [, stack, project] = /^urn:pulumi:(.+?)::(.+?)::/.exec(asText(root?.["urn"])) ?? [];
    if (stack === undefined || project === undefined) {
        throw new CommandError("state", "it has no resources.", "run `pulumi up` first.");
    }
    // Operations that an interrupted run left would stop the preview.
    const { pending_operations: _, ...deployment } = deploymentOf(state);
    return {
        format: publicFormat,
        project,
        stack,
        state: {
            version: asRecord(state)["version"],
            deployment: { ...deployment, secrets_providers: publicProvider },
        },
    };
}

function variableSecrets(env: NodeJS.ProcessEnv): readonly string[] {
    return Object.entries(env).flatMap(([name, value = ""]) =>
        secretVariable.test(name) && value.length >= variableCharactersMin ? [value] : [],
    );
}

/** @throws CommandError that names the places, never the secrets. */
function checkSecrets({ state }: PublicState, secrets: readonly string[]): void {
    const urns = resourcesOf(state).map(({ urn }) => asText(urn));
    const found = findSecrets(state, secrets).map((path) =>
        path.replace(/deployment\.resources\[(\d+)\]/, (_, index) => urns[Number(index)] ?? ""),
    );
    if (found.length === 0) return;
    throw new CommandError(
        "state",
        `it contains secrets in plain text, so nothing was written:\n${found.map((path) => `  ${path}`).join("\n")}\n`,
        "make the value secret there (`pulumi.secret(…)`, `pulumi config set --secret`), run `pulumi up`, and change the secret: the state had it in plain text. If the value is public, do not mark it as secret elsewhere.",
    );
}

/** What a preview against the state cannot show. */
function limitsOf(state: unknown): readonly string[] {
    const stacks = resourcesOf(state)
        .filter(({ type }) => type === "pulumi:pulumi:StackReference")
        .map(({ id, urn }) => asText(id) || asText(urn));
    const pending = asList(deploymentOf(state)["pending_operations"]).length;
    const findings = [
        note(
            "public",
            "everybody who gets the file can read all other values: names, addresses, accounts, paths, outputs.",
            "mark what must stay private as secret.",
        ),
        note(
            "not in previews",
            "changed secrets, and changed accounts of images: previews compare placeholders.",
            "the next `pulumi up` compares the real values.",
        ),
        ...(stacks.length === 0
            ? []
            : [
                  note(
                      "other stacks",
                      `the program reads outputs of ${stacks.join(", ")}, which previews cannot.`,
                      "give these values in the configuration instead.",
                  ),
              ]),
        ...(pending === 0
            ? []
            : [
                  note(
                      "pending operations",
                      `${pending} of an interrupted run are left out.`,
                      "run `pulumi refresh` on the stack.",
                  ),
              ]),
    ];
    return findings.map(describeFinding);
}
