import type { ClientOptions, HarborClient } from "../harbor/client";
import { flag, object, text } from "../harbor/json";
import { getVersion } from "../harbor/version";
import { hasStatus, RequestError, RequestErrorKind } from "../http/error";
import { goDistrust, knowsGoTrust } from "../http/goTrust";
import { configuration, readConfiguration } from "../provider/configuration";
import { Connection } from "../provider/connection";
import { asRecord, tryParse } from "../text/lenientJson";
import { secretHider } from "../text/secretSpellings";
import { runProgram } from "./command";
import { type Finding, fault, good, note } from "./finding";
import type { PulumiProject } from "./pulumiProject";
import { secretTexts } from "./secretSearch";

const usualFix =
    "correct the address or the login, in the stack's `harbor:` settings or in HARBOR_URL, HARBOR_USERNAME and HARBOR_PASSWORD, then run this command again.";

/** What the check of Harbor found. */
interface HarborCheck {
    readonly findings: readonly Finding[];
    /** Host and port of Harbor; undefined when the settings name none. */
    readonly host: string | undefined;
    readonly answer: HarborAnswer;
}

/** Whether Harbor answered, and the settings whose login it accepted. */
export interface HarborAnswer {
    readonly isReached: boolean;
    readonly client?: ClientOptions;
}

/**
 * Checks Harbor with the settings that the provider gets: the stack's, else the environment's. No
 * finding contains one of its secrets.
 *
 * @param timeoutMs time limit of each request, and of the check of the certificate, in milliseconds
 */
export async function checkHarbor(
    project: PulumiProject,
    env: NodeJS.ProcessEnv,
    timeoutMs = 10_000,
): Promise<HarborCheck> {
    const { values, secrets, unread } = await stackConfiguration(project, env);
    const settings = readConfiguration(values, env);
    const client = unread.length > 0 ? undefined : settings.client;
    const { findings, answer } =
        unread.length > 0
            ? unasked(
                  unread.map((key) =>
                      fault(
                          key,
                          "Pulumi cannot decrypt it.",
                          "set PULUMI_CONFIG_PASSPHRASE or log in to the stack's backend, then run this command again.",
                      ),
                  ),
              )
            : await checkSettings(settings, values, { env, timeoutMs });
    const hide = secretHider(secretTexts([...secrets, ...secretVariables.map((key) => env[key])]));
    return {
        findings: findings.map(({ fix, ...finding }) => ({
            ...finding,
            text: hide(finding.text),
            ...(fix === undefined ? {} : { fix: hide(fix) }),
        })),
        host: client === undefined ? undefined : new URL(client.url).host,
        answer,
    };
}

type Asked = Pick<HarborCheck, "findings" | "answer">;

const unasked = (findings: readonly Finding[]): Asked => ({
    findings,
    answer: { isReached: false },
});

const secretVariables = ["HARBOR_PASSWORD", "HARBOR_BEARER_TOKEN", "HARBOR_SESSION_ID"];

async function checkSettings(
    { client, missing, failures }: ReturnType<typeof readConfiguration>,
    values: Readonly<Record<string, unknown>>,
    place: { readonly env: NodeJS.ProcessEnv; readonly timeoutMs: number },
): Promise<Asked> {
    const faults = missing === undefined ? failures : [...failures, missing];
    if (faults.length > 0 || client === undefined) {
        const other =
            missing === undefined
                ? ""
                : " For images in another registry, run `harbor-build doctor --registry=HOST`.";
        return unasked(
            faults.map(({ property, reason }) =>
                fault(
                    `harbor:${property}`,
                    `${reason}.`,
                    `set it, then run this command again.${other}`,
                ),
            ),
        );
    }
    const once = { requestTimeoutMs: place.timeoutMs, retry: { attemptsMax: 1 } };
    const connection = new Connection(place.env, undefined, undefined, once);
    try {
        connection.configure(values);
        const harbor = connection.context().client;
        const answers = await askHarbor(harbor);
        const findings = [...answers, ...(await checkPluginTrust(harbor.origin, place))];
        return { findings, answer: { isReached: true, client } };
    } catch (error) {
        const isReached = error instanceof RequestError && error.kind === RequestErrorKind.Login;
        return {
            findings: [noAnswer(connection.explain(error).message)],
            answer: { isReached },
        };
    } finally {
        connection.close();
    }
}

/** The finding for an error of the provider, which may name its own fix before the request. */
function noAnswer(message: string): Finding {
    const [what = "", advice = ""] = message.replace(/^provider harbor: /, "").split(". Fix: ");
    const [fix, request] = advice.split(" (GET ");
    const text = request === undefined ? `${what}.` : `${what} (GET ${request}.`;
    return fault("Harbor", text.replace(") (GET ", ", GET "), fix ? `${fix}.` : usualFix);
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
            return good(subject, "a robot account; it can declare only what its permissions allow");
        }
        throw error;
    }
}

async function checkPluginTrust(
    origin: string,
    place: { readonly env: NodeJS.ProcessEnv; readonly timeoutMs: number },
): Promise<readonly Finding[]> {
    if (!origin.startsWith("https:") || !knowsGoTrust(process.platform)) return [];
    const distrust = await goDistrust(origin, place);
    return distrust === undefined
        ? [good("certificate", "docker-build's plugin trusts Harbor's certificate")]
        : [
              fault(
                  "certificate",
                  `docker-build's plugin does not trust ${origin}: ${distrust.what}.`,
                  `${distrust.fix.replace(/^Fix: /, "")}.`,
              ),
          ];
}

/** The provider's settings in a stack. */
interface StackConfiguration {
    readonly values: Readonly<Record<string, unknown>>;
    /** The values that are secrets in the stack or by their meaning. */
    readonly secrets: readonly unknown[];
    /** Keys whose values Pulumi cannot decrypt. */
    readonly unread: readonly string[];
}

/** The settings of the selected stack; none without a stack. Decrypts no other secrets of the stack. */
async function stackConfiguration(
    { folder }: PulumiProject,
    env: NodeJS.ProcessEnv,
): Promise<StackConfiguration> {
    const ask = async (...args: readonly string[]) => {
        const ended = await runProgram("pulumi", ["config", ...args], { cwd: folder, env });
        return ended?.isGood ? ended.stdout : undefined;
    };
    const entries = Object.entries(asRecord(tryParse((await ask("--json")) ?? "")))
        .filter(([key]) => key.startsWith(prefix))
        .map(([key, entry]) => ({ key, name: key.slice(prefix.length), entry: asRecord(entry) }));
    const read = await Promise.all(
        entries.map(async ({ key, name, entry }) => {
            const value = entry["secret"]
                ? (await ask("get", key))?.replace(/\n$/, "")
                : entry["value"];
            return { key, name, value, isSecret: entry["secret"] === true || isSecret(name) };
        }),
    );
    return {
        values: Object.fromEntries(read.map(({ name, value }) => [name, value])),
        secrets: read.filter((one) => one.isSecret).map(({ value }) => value),
        unread: read.filter(({ value }) => value === undefined).map(({ key }) => key),
    };
}

const prefix = "harbor:";

const isSecret = (name: string): boolean =>
    asRecord(asRecord(configuration)[name])["secret"] === true;
