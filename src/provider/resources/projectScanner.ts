import type { HarborClient } from "../../harbor/client";
import { suggestion } from "../../text/nearest";
import { UserError } from "../failure";
import { getProjectScanner, listScanners, setProjectScanner } from "../harbor/scanner";

/** Sets a project's scanner to the scanner called `name`. */
export async function chooseScanner(
    client: HarborClient,
    projectId: number,
    name: string,
): Promise<void> {
    const scanners = await listScanners(client, projectId);
    const scanner = scanners.find((item) => item.name === name);
    if (!scanner) {
        const names = scanners.map((item) => item.name);
        const has =
            names.length > 0
                ? `it has ${names.map((item) => `"${item}"`).join(", ")}`
                : "it has none";
        throw new UserError(
            `vulnerabilityScanner: Harbor has no scanner "${name}"; ${has}${suggestion(name, names)}`,
        );
    }
    await setProjectScanner(client, projectId, scanner.uuid);
}

/** Name of a project's scanner. */
export async function readScanner(
    client: HarborClient,
    projectId: number,
): Promise<string | undefined> {
    return (await getProjectScanner(client, projectId))?.name;
}
