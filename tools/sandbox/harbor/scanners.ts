import { randomUUID } from "node:crypto";
import type { Api, Call, Reply } from "./core/api";
import { badRequest, internal, invalid, notFound, unsupported } from "./core/fault";
import { boolean, string, struct } from "./core/goJson";
import { parseQ, type Searchable, search } from "./core/listing";
import { now, type Scanner } from "./core/model";
import { requireSystem } from "./core/policy";
import type { Store } from "./core/store";
import { projectFor } from "./projectAccess";
import { scannedTypes } from "./scannerAdapter";

const shape = struct("ScannerRegistrationReq", {
    name: string(),
    description: string(),
    url: string(),
    auth: string(),
    access_credential: string(),
    skip_certVerify: boolean,
    use_internal_addr: boolean,
    disabled: boolean,
});

type Content = Omit<Scanner, "id" | "isDefault" | "created" | "updated">;

function read(call: Call): Content {
    const body = call.body("registration", shape);
    const { url = "" } = body;
    if (!URL.canParse(url)) {
        throw invalid(
            `validation failure list:\nurl in body must be of type uri: ${JSON.stringify(url)}`,
        );
    }
    return {
        name: body.name ?? "",
        description: body.description ?? "",
        url: url.replace(/\/+$/, ""),
        auth: body.auth ?? "",
        credential: body.access_credential ?? "",
        skipCertVerify: body.skip_certVerify ?? false,
        useInternalAddress: body.use_internal_addr ?? false,
        disabled: body.disabled ?? false,
    };
}

/** Registration.Validate of src/pkg/scan/dao/scanner. */
function check({ name, auth, credential }: Content): void {
    if (name === "") {
        throw badRequest("missing registration name");
    }
    if (!["", "Basic", "Bearer", "X-ScannerAdapter-API-Key"].includes(auth)) {
        throw badRequest(`auth type ${auth} is not supported`);
    }
    if (auth !== "" && credential === "") {
        throw badRequest(`access_credential is required for auth type ${auth}`);
    }
}

async function requireAdapter(content: Content): Promise<void> {
    if ((await scannedTypes(content)) === undefined) {
        throw internal();
    }
}

function refuseTwin(call: Call, content: Content, besides: string): void {
    const twin = call.services.store
        .of("scanners")
        .find((s) => s.id !== besides && (s.name === content.name || s.url === content.url));
    if (twin !== undefined) {
        throw unsupported("two scanners of one name or address, which Harbor refuses");
    }
}

async function create(call: Call): Promise<Reply> {
    const content = read(call);
    requireSystem(call.account, "scanner", "create");
    check(content);
    if (content.name === "Trivy") {
        throw badRequest('name "Trivy" is reserved, please try a different name');
    }
    await requireAdapter(content);
    refuseTwin(call, content, "");
    const scanners = call.services.store.of("scanners");
    const id = randomUUID();
    const at = now();
    scanners.put({ id, ...content, isDefault: scanners.size === 0, created: at, updated: at });
    return { status: 201, headers: { Location: `/api/v2.0/scanners/${id}` } };
}

async function ping(call: Call): Promise<Reply> {
    const content = read(call);
    requireSystem(call.account, "scanner", "read");
    check(content);
    await requireAdapter(content);
    return {};
}

/** A scanner as Harbor shows it, without its credential. */
function view(scanner: Scanner): object {
    return {
        access_credential: "",
        auth: scanner.auth,
        create_time: scanner.created,
        description: scanner.description,
        disabled: scanner.disabled,
        is_default: scanner.isDefault,
        name: scanner.name,
        skip_certVerify: scanner.skipCertVerify,
        update_time: scanner.updated,
        url: scanner.url,
        use_internal_addr: scanner.useInternalAddress,
        uuid: scanner.id,
    };
}

function find(call: Call, action: string): Scanner {
    requireSystem(call.account, "scanner", action);
    const id = call.param("registration_id");
    const scanner = call.services.store.of("scanners").get(id);
    if (scanner === undefined) {
        throw notFound(`scanner ${id} not found`);
    }
    return scanner;
}

function update(call: Call): Reply {
    const given = read(call);
    const scanner = find(call, "update");
    const isKept = given.credential === "" && given.auth !== "";
    const content = { ...given, credential: isKept ? scanner.credential : given.credential };
    check(content);
    refuseTwin(call, content, scanner.id);
    call.services.store.of("scanners").update(scanner.id, { ...content, updated: now() });
    return {};
}

function setDefault(call: Call): Reply {
    const body = call.body("payload", struct("IsDefault", { is_default: boolean }));
    requireSystem(call.account, "scanner", "update");
    if (body.is_default !== true) {
        return {};
    }
    const { store } = call.services;
    const scanners = store.of("scanners");
    const id = call.param("registration_id");
    const scanner = scanners.get(id);
    if (scanner === undefined) {
        throw notFound(`registration ${id} not found`);
    }
    if (scanner.disabled) {
        throw internal();
    }
    store.transaction(() => {
        for (const scanner of scanners.values()) {
            scanners.update(scanner.id, { isDefault: scanner.id === id });
        }
    });
    return {};
}

function remove(call: Call): Reply {
    const scanner = find(call, "delete");
    call.services.store.of("scanners").remove(scanner.id);
    return { json: view(scanner) };
}

const fields: Searchable<Scanner> = {
    name: (scanner) => scanner.name,
    description: (scanner) => scanner.description,
    url: (scanner) => scanner.url,
};

/** The default scanner first, then the newest. */
function ordered(store: Store): Scanner[] {
    const rank = ({ isDefault, created }: Scanner): string => `${isDefault ? 1 : 0}${created}`;
    return store
        .of("scanners")
        .values()
        .sort((a, b) => (rank(a) < rank(b) ? 1 : -1));
}

/** The default scanner. */
export function defaultScanner(store: Store): Scanner | undefined {
    return store.of("scanners").find((scanner) => scanner.isDefault);
}

/** The scanner of a project: its own, or the default. */
export function scannerOf(store: Store, projectId: number): Scanner | undefined {
    const own = store.of("projectScanners").get(projectId)?.scannerId;
    return (own && store.of("scanners").get(own)) || defaultScanner(store);
}

/** Registration and choice of scanners. */
export function scannerRoutes(api: Api): void {
    api.on("GET", "/scanners", (call) => {
        requireSystem(call.account, "scanner", "list");
        const found = search(ordered(call.services.store), parseQ(call.query("q")), fields);
        return call.page(found, view);
    });
    api.on("POST", "/scanners", create);
    api.on("POST", "/scanners/ping", ping);
    const one = "/scanners/:registration_id";
    api.on("GET", one, (call) => ({ json: view(find(call, "read")) }));
    api.on("PUT", one, update);
    api.on("PATCH", one, setDefault);
    api.on("DELETE", one, remove);
    projectScannerRoutes(api);
}

function projectScannerRoutes(api: Api): void {
    const project = "/projects/:project_name_or_id/scanner";
    api.on("GET", project, (call) => {
        const { id } = projectFor(call, "scanner", "read");
        const scanner = scannerOf(call.services.store, id);
        return scanner === undefined ? {} : { json: view(scanner) };
    });
    // Harbor accepts any identifier here, even of a missing scanner.
    api.on("PUT", project, (call) => {
        const { uuid = "" } = call.body("payload", struct("ProjectScanner", { uuid: string() }));
        const { id } = projectFor(call, "scanner", "create");
        call.services.store.of("projectScanners").put({ id, scannerId: uuid });
        return {};
    });
    api.on("GET", `${project}/candidates`, (call) => {
        projectFor(call, "scanner", "create");
        return call.page(ordered(call.services.store), view);
    });
}
