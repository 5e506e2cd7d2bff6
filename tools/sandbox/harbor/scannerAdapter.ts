import type { Scanner } from "./core/model";
import { imageTypes } from "./registry/manifest";
import { readAll, send } from "./remote";

const timeoutMs = 5_000;
const metadataBytesMax = 1_048_576;

/** A scanner must produce one of these types. */
const reportTypes = [
    "application/vnd.scanner.adapter.vuln.report.harbor+json; version=1.0",
    "application/vnd.security.vulnerability.report; version=1.1",
    "application/vnd.security.sbom.report+json; version=1.0",
];

type Adapter = Pick<Scanner, "url" | "auth" | "credential" | "skipCertVerify">;

/** The answer of an adapter to `/metadata` of the Pluggable Scanner Spec. */
interface Metadata {
    readonly scanner?: {
        readonly name?: string;
        readonly vendor?: string;
        readonly version?: string;
    };
    readonly capabilities?: readonly {
        readonly consumes_mime_types?: readonly string[];
        readonly produces_mime_types?: readonly string[];
    }[];
}

/**
 * The media types that an adapter scans; undefined without an answer, or with metadata that Harbor
 * refuses (`ScannerAdapterMetadata.Validate` of src/pkg/scan/rest/v1/models.go).
 */
export async function scannedTypes(adapter: Adapter): Promise<ReadonlySet<string> | undefined> {
    try {
        const answer = await ask(adapter, "GET", "/metadata");
        if (answer.status !== 200) {
            return undefined;
        }
        const metadata = JSON.parse(answer.text) as Metadata; // The check is below.
        return isValid(metadata) ? consumed(metadata) : undefined;
    } catch {
        return undefined;
    }
}

function isValid({ scanner, capabilities = [] }: Metadata): boolean {
    const named = [scanner?.name, scanner?.vendor, scanner?.version].every(Boolean);
    const capable = capabilities.every(
        ({ consumes_mime_types: consumes = [], produces_mime_types: produces = [] }) =>
            consumes.includes(imageTypes.docker) &&
            produces.some((one) => reportTypes.includes(one)),
    );
    return named && capabilities.length > 0 && capable;
}

function consumed({ capabilities = [] }: Metadata): ReadonlySet<string> {
    return new Set(capabilities.flatMap((one) => one.consumes_mime_types ?? []));
}

/** Asks an adapter to scan an image; returns whether it accepts. */
export async function orderScan(adapter: Adapter, order: object): Promise<boolean> {
    try {
        return (await ask(adapter, "POST", "/scan", order)).status === 202;
    } catch {
        return false;
    }
}

async function ask(
    adapter: Adapter,
    method: string,
    path: string,
    body?: object,
): Promise<{ readonly status: number; readonly text: string }> {
    const headers = {
        ...loginOf(adapter),
        ...(body && {
            "content-type": "application/vnd.scanner.adapter.scan.request+json; version=1.0",
        }),
    };
    const answer = await send(
        method,
        `${adapter.url}/api/v1${path}`,
        headers,
        { insecure: adapter.skipCertVerify, timeoutMs },
        body && Buffer.from(JSON.stringify(body)),
    );
    const text = (await readAll(answer.body, metadataBytesMax)).toString("utf8");
    return { status: answer.status, text };
}

function loginOf({ auth, credential }: Adapter): Record<string, string> {
    if (auth === "") {
        return {};
    }
    if (auth === "X-ScannerAdapter-API-Key") {
        return { [auth]: credential };
    }
    const value = auth === "Basic" ? Buffer.from(credential).toString("base64") : credential;
    return { authorization: `${auth} ${value}` };
}
