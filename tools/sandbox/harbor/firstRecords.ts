import { now } from "./core/model";
import { hashSecret } from "./core/secrets";
import type { Store } from "./core/store";
import { createQuota, unlimited } from "./quotas";

/** The content of a new Harbor: the user `admin` and the public project `library`. */
export function firstRecords(store: Store, adminPassword: string): void {
    if (store.of("users").size > 0) {
        return;
    }
    const at = now();
    store.transaction(() => {
        const id = store.nextId("users");
        store.of("users").put({
            id,
            username: "admin",
            email: "",
            realname: "system admin",
            comment: "admin user",
            password: hashSecret(adminPassword),
            sysadmin: true,
            created: at,
            updated: at,
        });
        store.nextId("users"); // Harbor's second user is the anonymous user.
        const projectId = store.nextId("projects");
        store.of("projects").put({
            id: projectId,
            name: "library",
            ownerId: id,
            registryId: undefined,
            metadata: { public: "true" },
            allowlistId: store.nextId("allowlists"),
            allowlist: undefined,
            created: at,
            updated: at,
        });
        const owner = { projectId, entityType: "u" as const, entityId: id, roleId: 1 };
        store.of("members").put({ id: store.nextId("members"), ...owner });
        createQuota(store, projectId, unlimited, at);
    });
}
