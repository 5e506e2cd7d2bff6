import type { Services } from "./core/services";
import { nextTime } from "./cron";
import { runPolicy } from "./retentionRun";

const tickMs = 30_000;

/** Runs retention policies on their schedules while the server runs. */
export function startRetentionClock(services: Services): { stop(): void } {
    let last = new Date();
    const timer = setInterval(() => {
        const until = new Date();
        for (const policy of services.store.of("retentionPolicies").values()) {
            const cron = String(policy.triggerSettings["cron"] ?? "");
            const due =
                policy.triggerKind === "Schedule" && cron !== "" ? nextTime(cron, last) : undefined;
            if (due !== undefined && Date.parse(due) <= until.getTime()) {
                runPolicy(services, policy, { dryRun: false, trigger: "SCHEDULE" });
            }
        }
        last = until;
    }, tickMs);
    timer.unref();
    return { stop: () => clearInterval(timer) };
}
