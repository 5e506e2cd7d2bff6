import { hasStatus } from "../../http/error";
import { explaining } from "../failure";
import type { Property } from "../property";
import type { Context } from "../resource";
import { scheduleProperty, systemSchedule } from "./systemSchedule";

/** The property with the schedule of scans. */
export const scanPolicyProperty = {
    ...scheduleProperty,
    description:
        "When everything in Harbor is scanned: `Hourly`, `Daily`, `Weekly`, or six cron fields with seconds (0) first.",
} as const satisfies Property<"string">;

/**
 * The operations of a resource that is the schedule of scans. Without a scanner Harbor answers 412
 * even to reads of the schedule; then no schedule exists, and a delete has nothing to do.
 */
export function scanSchedule<Inputs extends { readonly vulnerabilityScanPolicy: string }>() {
    const schedule = systemSchedule<Inputs>("scanAll", {
        scheduleOf: (inputs) => inputs.vulnerabilityScanPolicy,
        parametersOf: () => ({}),
        outputsOf: (vulnerabilityScanPolicy) => ({ vulnerabilityScanPolicy }),
    });
    return {
        ...schedule,
        create: (inputs: Inputs, context: Context) =>
            schedule.create(inputs, context).catch(explain),
        read: (...given: Parameters<typeof schedule.read>) =>
            schedule.read(...given).catch((error: unknown) => {
                if (!lacksScanner(error)) throw error;
                return undefined;
            }),
        update: (...given: Parameters<typeof schedule.update>) =>
            schedule.update(...given).catch(explain),
        delete: (...given: Parameters<typeof schedule.delete>) =>
            schedule.delete(...given).catch((error: unknown) => {
                if (!lacksScanner(error)) throw error;
            }),
    };
}

function lacksScanner(error: unknown): boolean {
    return hasStatus(error, 412) && /no scanner/.test(error.reason);
}

const explain = explaining({
    412: (error) =>
        lacksScanner(error)
            ? "vulnerabilityScanPolicy: Harbor has no default scanner, and accepts no schedule without one; install Harbor with Trivy, register a scanner, or name one in defaultScanner"
            : undefined,
});
