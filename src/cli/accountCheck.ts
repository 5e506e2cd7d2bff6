import { asRecord, asRecords, asText, tryParse } from "../text/lenientJson";
import { runProgram } from "./command";
import { type Finding, note } from "./finding";
import type { PulumiProject } from "./pulumiProject";

/** Maximum number of accounts that a finding names. */
const namesMax = 10;
const subject = "robot accounts";

/** Reports the robot accounts of the selected stack that never expire, from the state with its secrets encrypted. */
export async function checkAccounts(
    { folder }: Pick<PulumiProject, "folder">,
    env: NodeJS.ProcessEnv,
): Promise<readonly Finding[]> {
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
    const { deployment } = asRecord(state);
    const names = asRecords(asRecord(deployment)["resources"])
        .filter(({ type }) => type === "harbor:index/robotAccount:RobotAccount")
        .map(({ outputs }) => asRecord(outputs))
        .filter(({ duration }) => duration === -1)
        .map(({ fullName }) => asText(fullName));
    if (names.length === 0) return [];
    const more = names.length > namesMax ? ` and ${names.length - namesMax} more` : "";
    return [
        note(
            subject,
            `${names.slice(0, namesMax).join(", ")}${more} never expire.`,
            "set `robotDays` on the component, or `duration` on the RobotAccount, to limit how long a leaked secret stays valid.",
        ),
    ];
}
