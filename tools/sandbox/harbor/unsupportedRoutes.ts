import type { Api, Method } from "./core/api";
import { unsupported } from "./core/fault";
import { requireLogin } from "./core/policy";

/** Routes of Harbor 2.15 that the sandbox does not implement: `METHODS path`, and the name. */
const routes: readonly [methods: string, path: string, name: string][] = [
    ["POST", "/ldap/ping", "LDAP"],
    ["GET", "/ldap/users/search", "LDAP"],
    ["POST", "/ldap/users/import", "LDAP"],
    ["GET", "/ldap/groups/search", "LDAP"],
    ["GET", "/internalconfig", "internal configuration"],
    ["POST", "/projects/:p/repositories/:r/artifacts/:a/scan/stop", "vulnerability scans"],
    ["GET", "/projects/:p/repositories/:r/artifacts/:a/scan/:id/log", "vulnerability scans"],
    ["GET", "/audit-logs", "audit logs"],
    ["GET", "/auditlog-exts", "audit logs"],
    ["GET", "/auditlog-exts/events", "audit logs"],
    ["GET", "/projects/:p/logs", "audit logs"],
    ["GET", "/projects/:p/auditlog-exts", "audit logs"],
    ["GET", "/p2p/preheat/providers", "preheating"],
    ["GET POST", "/projects/:p/preheat/policies", "preheating"],
    ["GET PUT POST DELETE", "/projects/:p/preheat/policies/:n", "preheating"],
    ["GET", "/projects/:p/preheat/policies/:n/executions", "preheating"],
    ["GET PATCH", "/projects/:p/preheat/policies/:n/executions/:e", "preheating"],
    ["GET", "/projects/:p/preheat/policies/:n/executions/:e/tasks", "preheating"],
    ["GET", "/projects/:p/preheat/providers", "preheating"],
    ["GET", "/projects/:p/webhook/policies/:w/executions/:e/tasks/:t/log", "webhook logs"],
    ["GET", "/icons/:digest", "icons"],
    ["GET PUT", "/replication/executions/:id", "replication"],
    ["GET", "/replication/executions/:id/tasks", "replication"],
    ["GET", "/replication/executions/:id/tasks/:t/log", "replication"],
    ["GET", "/replication/adapterinfos", "replication"],
    ["GET", "/scans/all/metrics", "vulnerability scans"],
    ["GET", "/scans/schedule/metrics", "vulnerability scans"],
    ["POST", "/system/oidc/ping", "OIDC"],
    ["PUT", "/system/gc/:id", "stopping of garbage collection"],
    ["GET", "/system/gc/:id/log", "logs of garbage collection"],
    ["PUT", "/system/purgeaudit/:id", "stopping of audit log purges"],
    ["GET", "/system/purgeaudit/:id/log", "logs of audit log purges"],
    ["POST", "/system/scanAll/stop", "vulnerability scans"],
    ["GET", "/jobservice/pools", "job service monitoring"],
    ["GET", "/jobservice/pools/:id/workers", "job service monitoring"],
    ["PUT", "/jobservice/jobs/:id", "job service monitoring"],
    ["GET", "/jobservice/jobs/:id/log", "job service monitoring"],
    ["GET", "/jobservice/queues", "job service monitoring"],
    ["PUT", "/jobservice/queues/:type", "job service monitoring"],
    ["GET", "/schedules", "the list of schedules"],
    ["GET", "/schedules/:type/paused", "the list of schedules"],
    ["GET", "/scanners/:id/metadata", "vulnerability scanners"],
    ["PUT", "/users/:id/cli_secret", "OIDC"],
    ["POST", "/export/cve", "export of vulnerabilities"],
    ["GET", "/export/cve/executions", "export of vulnerabilities"],
    ["GET", "/export/cve/execution/:id", "export of vulnerabilities"],
    ["GET", "/export/cve/download/:id", "export of vulnerabilities"],
    ["GET", "/security/summary", "the security hub"],
    ["GET", "/security/vul", "the security hub"],
];

/** Answers 501 with the name of the missing feature, to users whom Harbor would have answered. */
export function unsupportedRoutes(api: Api): void {
    for (const [methods, path, name] of routes) {
        for (const method of methods.split(" ")) {
            // The table above lists only methods.
            api.on(method as Method, path, (call) => {
                requireLogin(call.account);
                throw unsupported(name);
            });
        }
    }
}
