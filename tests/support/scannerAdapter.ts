import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { atEnd } from "./atEnd";

/** A scanner's adapter that describes itself and scans nothing. */
export interface ScannerAdapter {
    readonly url: string;
    close(): Promise<void>;
}

const metadata = {
    scanner: { name: "Tester", vendor: "tests", version: "1.0" },
    capabilities: [
        {
            // Harbor refuses an adapter without both types.
            consumes_mime_types: [
                "application/vnd.oci.image.manifest.v1+json",
                "application/vnd.docker.distribution.manifest.v2+json",
            ],
            produces_mime_types: ["application/vnd.security.vulnerability.report; version=1.1"],
        },
    ],
    properties: {},
};

/** Starts an adapter on a free port of the loopback interface. */
export async function startScannerAdapter(): Promise<ScannerAdapter> {
    const server = createServer((request, response) => {
        response.writeHead(request.url === "/api/v1/metadata" ? 200 : 404, {
            "content-type": "application/json",
        });
        response.end(JSON.stringify(metadata));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo; // A listening TCP server has a port.
    const close = atEnd(() => {
        server.close();
        server.closeAllConnections();
    });
    return { url: `http://127.0.0.1:${port}`, close };
}
