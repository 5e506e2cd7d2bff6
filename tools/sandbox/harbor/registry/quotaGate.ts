import { Fault } from "../core/fault";
import type { Project } from "../core/model";
import { requireRoom } from "../quotas";
import { tellQuota } from "../webhookEvents";
import type { Exchange } from "./exchange";

/** Refuses what does not fit into the project's quota, and notifies the project's webhooks. */
export function requireQuota(exchange: Exchange, project: Project, bytes: number): void {
    const { services } = exchange;
    try {
        requireRoom(services.store, project.id, bytes);
    } catch (error) {
        if (error instanceof Fault) {
            tellQuota(services, project, error.message);
        }
        throw error;
    }
}
