import { asList, asRecord, asText } from "../text/lenientJson";
import { runProgram } from "./command";
import { type Finding, note } from "./finding";
import type { PulumiProject } from "./pulumiProject";

/** Maximum number of accounts that a finding names. */
const namesMax = 10;

/** Reports the robot accounts of the selected stack that never expire, from the state with its secrets encrypted. */
export async function checkAccounts(
    { folder }: Pick<PulumiProject, "folder">,
    env: NodeJS.ProcessEnv,
): Promise<readonly Finding[]> {
    const ended = await runProgram("pulumi", ["stack", "export"], { cwd: folder, env });
    const { deployment } = asRecord(ended?.isGood ? JSON.parse(ended.stdout) : undefined);
    const names = asList(asRecord(deployment)["resources"])
        .map(asRecord)
        .filter(({ type }) => type === "harbor:index/robotAccount:RobotAccount")
        .map(({ outputs }) => asRecord(outputs))
        .filter(({ duration }) => duration === -1)
        .map(({ fullName }) => asText(fullName));
    if (names.length === 0) return [];
    const more = names.length > namesMax ? ` and ${names.length - namesMax} more` : "";
    return [
        note(
            "robot accounts",
            `${names.slice(0, namesMax).join(", ")}${more} never expire.`,
            "set `robotDays` on the component, or `duration` on the RobotAccount, to limit how long a copied secret is of use.",
        ),
    ];
}
