import type { Scanner } from "./core/model";
import { readAll, send } from "./remote";

const timeoutMs = 5_000;
const metadataBytesMax = 1_048_576;

/** Whether a scanner's adapter answers, and says what it is (Pluggable Scanner Spec, `/metadata`). */
export async function isAdapter(
    scanner: Pick<Scanner, "url" | "auth" | "credential" | "skipCertVerify">,
): Promise<boolean> {
    try {
        const options = { insecure: scanner.skipCertVerify, timeoutMs };
        const url = `${scanner.url}/api/v1/metadata`;
        const answer = await send("GET", url, headersOf(scanner), options);
        const text = (await readAll(answer.body, metadataBytesMax)).toString("utf8");
        const metadata = new Map<string, unknown>(Object.entries(JSON.parse(text)));
        return answer.status === 200 && metadata.has("scanner") && metadata.has("capabilities");
    } catch {
        return false;
    }
}

function headersOf({
    auth,
    credential,
}: Pick<Scanner, "auth" | "credential">): Record<string, string> {
    if (auth === "") {
        return {};
    }
    if (auth === "X-ScannerAdapter-API-Key") {
        return { [auth]: credential };
    }
    const value = auth === "Basic" ? Buffer.from(credential).toString("base64") : credential;
    return { authorization: `${auth} ${value}` };
}
