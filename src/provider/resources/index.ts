import type { Resource } from "../resource";
import { configAuth } from "./configAuth";
import { configSecurity } from "./configSecurity";
import { configSystem } from "./configSystem";
import { garbageCollection } from "./garbageCollection";
import { group } from "./group";
import { imageSignature } from "./imageSignature";
import { immutableTagRule } from "./immutableTagRule";
import { interrogationServices } from "./interrogationServices";
import { label } from "./label";
import { preheatInstance } from "./preheatInstance";
import { project } from "./project";
import { projectMemberGroup } from "./projectMemberGroup";
import { projectMemberUser } from "./projectMemberUser";
import { projectWebhook } from "./projectWebhook";
import { purgeAuditLog } from "./purgeAuditLog";
import { registry } from "./registry";
import { replication } from "./replication";
import { retentionPolicy } from "./retentionPolicy";
import { robotAccount } from "./robotAccount";
import { stamp } from "./stamp";
import { tasks } from "./tasks";
import { user } from "./user";
import { verifiedCache } from "./verifiedCache";

/** Every resource of the provider. */
export const resources: readonly Resource[] = [
    configAuth,
    configSecurity,
    configSystem,
    garbageCollection,
    group,
    imageSignature,
    immutableTagRule,
    interrogationServices,
    label,
    preheatInstance,
    project,
    projectMemberGroup,
    projectMemberUser,
    projectWebhook,
    purgeAuditLog,
    registry,
    replication,
    retentionPolicy,
    robotAccount,
    stamp,
    tasks,
    user,
    verifiedCache,
];
