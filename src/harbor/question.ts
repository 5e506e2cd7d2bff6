import { atOnce } from "../http/cancellation";
import { type ClientOptions, HarborClient } from "./client";

/**
 * Asks Harbor's API one question, with one attempt for each request and a time limit for all of them.
 *
 * @param timeoutMs time limit, in milliseconds
 * @throws RequestError when Harbor refuses or does not answer in time.
 */
export async function askHarbor<Answer>(
    options: Omit<ClientOptions, "requestTimeoutMs" | "retry" | "cancellation">,
    timeoutMs: number,
    question: (client: HarborClient) => Promise<Answer>,
): Promise<Answer> {
    const client = new HarborClient({
        ...options,
        requestTimeoutMs: timeoutMs,
        retry: { attemptsMax: 1 },
        cancellation: atOnce(AbortSignal.timeout(timeoutMs)),
    });
    try {
        return await question(client);
    } finally {
        client.close();
    }
}
