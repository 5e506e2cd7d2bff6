import type { Resource } from "../resource";
import { configSecurity } from "./configSecurity";
import { configSystem } from "./configSystem";
import { garbageCollection } from "./garbageCollection";
import { group } from "./group";
import { immutableTagRule } from "./immutableTagRule";
import { label } from "./label";
import { project } from "./project";
import { projectMemberGroup } from "./projectMemberGroup";
import { projectMemberUser } from "./projectMemberUser";
import { projectWebhook } from "./projectWebhook";
import { purgeAuditLog } from "./purgeAuditLog";
import { registry } from "./registry";
import { retentionPolicy } from "./retentionPolicy";
import { robotAccount } from "./robotAccount";
import { user } from "./user";

/** Every resource of the provider. */
export const resources: readonly Resource[] = [
    configSecurity,
    configSystem,
    garbageCollection,
    group,
    immutableTagRule,
    label,
    project,
    projectMemberGroup,
    projectMemberUser,
    projectWebhook,
    purgeAuditLog,
    registry,
    retentionPolicy,
    robotAccount,
    user,
];
