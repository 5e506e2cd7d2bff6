import { accountFault, type RefusedLogin } from "../explain/accountState";
import { askHarbor } from "../harbor/question";
import { getRobot } from "../harbor/robot";
import { requiredNumberIn } from "../provider/ids";
import { asRecord, asRecords, asText, tryParse } from "../text/lenientJson";
import { runProgram } from "./command";
import { type Finding, fault, note } from "./finding";
import type { HarborAnswer } from "./harborCheck";
import type { PulumiProject } from "./pulumiProject";

/** Maximum number of accounts to ask Harbor for, and maximum number that a finding names. */
const accountsMax = 100;
const namesMax = 10;
/** Time allowed for Harbor's answers, in milliseconds. */
const timeoutMs = 10_000;
const dayMs = 86_400_000;
const subject = "robot accounts";

/** A robot account in the state. */
interface Account {
    readonly id: string;
    readonly fullName: string;
    /** Days from the creation; -1 never expires. */
    readonly duration: unknown;
    readonly createdMs: number;
}

/**
 * Reports the robot accounts of the selected stack that cannot log in, and those that never expire, from
 * the state with its secrets encrypted. Nothing without an answer of Harbor, whose fault comes first.
 */
export async function checkAccounts(
    { folder }: Pick<PulumiProject, "folder">,
    env: NodeJS.ProcessEnv,
    harbor: HarborAnswer,
): Promise<readonly Finding[]> {
    if (!harbor.isReached) return [];
    const ended = await runProgram("pulumi", ["stack", "export"], { cwd: folder, env });
    if (!ended?.isGood) return [];
    const state = tryParse(ended.stdout);
    if (state === undefined) {
        return [
            note(
                subject,
                "not checked, because `pulumi stack export` printed no JSON.",
                "run `pulumi stack export`; a wrapper of Pulumi may print other text.",
            ),
        ];
    }
    const accounts = accountsIn(state);
    const refused = (await findRefused(accounts, harbor)).slice(0, namesMax);
    return [
        ...refused.map(({ reason, advice }) => fault(subject, `${reason}.`, advice)),
        ...noteEndless(accounts.filter(({ duration }) => duration === -1)),
    ];
}

function accountsIn(state: unknown): readonly Account[] {
    return asRecords(asRecord(asRecord(state)["deployment"])["resources"])
        .filter(({ type }) => type === "harbor:index/robotAccount:RobotAccount")
        .filter((resource) => resource["delete"] !== true)
        .map(({ id, created, outputs }) => ({
            id: asText(id),
            fullName: asText(asRecord(outputs)["fullName"]),
            duration: asRecord(outputs)["duration"],
            createdMs: Date.parse(asText(created)),
        }));
}

/** Asks Harbor, and reads the state if Harbor refuses the login or the question. */
async function findRefused(
    accounts: readonly Account[],
    { client }: HarborAnswer,
): Promise<readonly RefusedLogin[]> {
    const byState = () =>
        accounts.map(({ fullName, duration, createdMs }) => {
            const days = Number(duration);
            const expiresAtMs = days > 0 ? createdMs + days * dayMs : undefined;
            return accountFault(fullName, { disabled: false, expiresAtMs });
        });
    const byHarbor =
        client === undefined
            ? byState()
            : await askHarbor(client, timeoutMs, (harbor) =>
                  Promise.all(
                      accounts.slice(0, accountsMax).map(async ({ id, fullName }) => {
                          const robot = await getRobot(harbor, requiredNumberIn(id, "robots"));
                          return accountFault(fullName, robot);
                      }),
                  ),
              ).catch(byState);
    return byHarbor.filter((one) => one !== undefined);
}

function noteEndless(accounts: readonly Account[]): readonly Finding[] {
    if (accounts.length === 0) return [];
    const names = accounts.map(({ fullName }) => fullName);
    const more = names.length > namesMax ? ` and ${names.length - namesMax} more` : "";
    return [
        note(
            subject,
            `${names.slice(0, namesMax).join(", ")}${more} never expire.`,
            "set `robotDays` on the component, or `duration` on the RobotAccount, to limit how long a leaked secret stays valid.",
        ),
    ];
}
