import type { HarborClient } from "../../harbor/client";
import { suggestion } from "../../text/nearest";
import { UserError } from "../failure";
import { listAllScanners, setDefaultScanner } from "../harbor/scanner";
import type { Properties, Values } from "../property";
import { resource } from "../resource";
import { scanPolicyProperty, scanSchedule } from "./scanSchedule";

const properties = {
    vulnerabilityScanPolicy: scanPolicyProperty,
    defaultScanner: {
        type: "string",
        unmanaged: true,
        // The bridged provider accepted `trivy` for Trivy.
        normalize: (value: string) => value.toLowerCase(),
        description:
            "Name of the scanner for projects without their own scanner. Default: unchanged.",
    },
} as const satisfies Properties;

type Inputs = Values<typeof properties>;

const schedule = scanSchedule<Inputs>();

/** `harbor.InterrogationServices`: the only schedule of scans, and the default scanner. */
export const interrogationServices = resource({
    token: "harbor:index/interrogationServices:InterrogationServices",
    description:
        "The schedule on which Harbor scans everything, and the default scanner. Harbor has one such schedule, so declare it once. Deleting the resource removes the schedule and keeps the default scanner. Needs a system administrator.",
    idAlias: "interrogationServicesId",
    properties,
    ...schedule,
    // The scanner first: without a default scanner Harbor accepts no schedule.
    async create(inputs, context) {
        await chooseDefault(inputs, context.client);
        return schedule.create(inputs, context);
    },
    async read(id, prior, context) {
        const found = await schedule.read(id, prior, context);
        if (!found) return undefined;
        const scanners = await listAllScanners(context.client);
        const defaultScanner = scanners.find(({ isDefault }) => isDefault)?.name;
        return { ...found, outputs: { ...found.outputs, defaultScanner } };
    },
    async update(id, inputs, olds, context) {
        await chooseDefault(inputs, context.client);
        return schedule.update(id, inputs, olds, context);
    },
});

async function chooseDefault({ defaultScanner }: Inputs, client: HarborClient): Promise<void> {
    if (!defaultScanner) return;
    const scanners = await listAllScanners(client);
    const names = scanners.map(({ name }) => name);
    const found =
        scanners.find(({ name }) => name === defaultScanner) ??
        scanners.find(({ name }) => name.toLowerCase() === defaultScanner.toLowerCase());
    if (!found) {
        const has = names.length > 0 ? names.map((name) => `"${name}"`).join(", ") : "none";
        throw new UserError(
            `defaultScanner: Harbor has no scanner "${defaultScanner}"; it has ${has}${suggestion(defaultScanner, names)}`,
        );
    }
    if (!found.isDefault) await setDefaultScanner(client, found.uuid);
}
