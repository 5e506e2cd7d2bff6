import type { Api, Call, Reply } from "./core/api";
import { invalid, precondition, unsupported } from "./core/fault";
import { string, struct } from "./core/goJson";
import { requireSystem } from "./core/policy";
import { projectFor } from "./projectAccess";

const shape = struct("ScannerRegistrationReq", { name: string(), url: string() });

/** No scanner is installed, and none can be. */
function register(call: Call): Reply {
    const { url = "" } = call.body("registration", shape);
    if (!URL.canParse(url)) {
        throw invalid(
            `validation failure list:\nurl in body must be of type uri: ${JSON.stringify(url)}`,
        );
    }
    requireSystem(call.account, "scanner", "create");
    throw unsupported("vulnerability scanners");
}

function scanAll(call: Call): Reply {
    requireSystem(call.account, "scan-all", "read");
    throw precondition("no scanner is configured, it's not possible to scan");
}

export function scannerRoutes(api: Api): void {
    api.on("GET", "/scanners", (call) => {
        requireSystem(call.account, "scanner", "list");
        return call.page([], (one) => one);
    });
    api.on("POST", "/scanners", register);
    api.on("POST", "/scanners/ping", register);
    const project = "/projects/:project_name_or_id/scanner";
    api.on("GET", project, (call) => {
        projectFor(call, "scanner", "read");
        return {};
    });
    // Harbor takes any identifier here, even of a scanner that is not there.
    api.on("PUT", project, (call) => {
        call.body("payload", struct("ProjectScanner", { uuid: string() }));
        projectFor(call, "scanner", "create");
        return {};
    });
    api.on("GET", `${project}/candidates`, (call) => {
        projectFor(call, "scanner", "create");
        return call.page([], (one) => one);
    });
    for (const method of ["GET", "POST", "PUT"] as const) {
        api.on(method, "/system/scanAll/schedule", scanAll);
    }
}
