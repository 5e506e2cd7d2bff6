import type { HarborClient } from "../harbor/client";
import { flag, object, text } from "../harbor/json";
import { getVersion } from "../harbor/version";
import { hasStatus } from "../http/error";
import { goDistrust, knowsGoTrust } from "../http/goTrust";
import { readConfiguration } from "../provider/configuration";
import { Connection } from "../provider/connection";
import { runProgram } from "./command";
import { type Finding, fault, good, note } from "./finding";
import type { PulumiProject } from "./pulumiProject";

/** Time allowed for the check of the certificate, in milliseconds. */
const timeoutMs = 10_000;
const trouble = "see TROUBLESHOOTING.md, which has the message as a heading.";

/** Checks Harbor with the settings that the provider gets: the stack's, else the environment's. */
export async function checkHarbor(
    project: PulumiProject,
    env: NodeJS.ProcessEnv,
): Promise<readonly Finding[]> {
    const values = await stackConfiguration(project, env);
    const { client, missing, failures } = readConfiguration(values, env);
    const faults = missing === undefined ? failures : [...failures, missing];
    if (faults.length > 0 || client === undefined) {
        return faults.map(({ property, reason }) =>
            fault(`harbor:${property}`, `${reason}.`, "set it, then run this command again."),
        );
    }
    const connection = new Connection(env);
    try {
        connection.configure(values);
        const harbor = connection.context().client;
        const answers = await askHarbor(harbor);
        return [...answers, ...(await checkPluginTrust(harbor.origin, env))];
    } catch (error) {
        const { message } = connection.explain(error);
        return [fault("Harbor", `${message.replace(/^provider harbor: /, "")}.`, trouble)];
    } finally {
        connection.close();
    }
}

async function askHarbor(client: HarborClient): Promise<readonly Finding[]> {
    const version = (await getVersion(client))?.join(".") ?? "of an unknown version";
    return [good("Harbor", `${version} at ${client.origin}`), await checkRights(client)];
}

/** Checks what the login may declare. Sends only requests that read. */
async function checkRights(client: HarborClient): Promise<Finding> {
    const subject = "login";
    try {
        const user = object((await client.get("/users/current")).body, "user");
        const name = text(user, "username") ?? "";
        if (flag(user, "sysadmin_flag")) {
            return good(subject, `${name}, system administrator`);
        }
        const info = object((await client.get("/systeminfo")).body, "systeminfo");
        return text(info, "project_creation_restriction") === "adminonly"
            ? note(
                  subject,
                  `${name} cannot create projects, because Harbor allows that only to system administrators.`,
                  "let an administrator create the project, make this user its project administrator, and use `project: { name, existing: true }`.",
              )
            : good(subject, `${name}, may create projects`);
    } catch (error) {
        // Harbor shows users only to users.
        if (hasStatus(error, 401, 403, 404, 412)) {
            return good(subject, "a robot account; its permissions decide what it may declare");
        }
        throw error;
    }
}

async function checkPluginTrust(
    origin: string,
    env: NodeJS.ProcessEnv,
): Promise<readonly Finding[]> {
    if (!origin.startsWith("https:") || !knowsGoTrust(process.platform)) return [];
    const distrust = await goDistrust(origin, { env, timeoutMs });
    return distrust === undefined
        ? [good("certificate", "docker-build's plugin trusts Harbor's certificate")]
        : [
              fault(
                  "certificate",
                  `docker-build's plugin does not trust ${origin}: ${distrust.what}.`,
                  `${distrust.fix}.`,
              ),
          ];
}

/** The provider's settings in the selected stack; none without a stack. */
async function stackConfiguration(
    { folder }: PulumiProject,
    env: NodeJS.ProcessEnv,
): Promise<Record<string, unknown>> {
    const args = ["config", "--show-secrets", "--json"];
    const ended = await runProgram("pulumi", args, { cwd: folder, env });
    if (!ended?.isGood) return {};
    // Pulumi's own shape: each key with its value and whether it is secret.
    const config = JSON.parse(ended.stdout) as Record<string, { readonly value?: unknown }>;
    const prefix = "harbor:";
    return Object.fromEntries(
        Object.entries(config)
            .filter(([key]) => key.startsWith(prefix))
            .map(([key, { value }]) => [key.slice(prefix.length), value]),
    );
}
