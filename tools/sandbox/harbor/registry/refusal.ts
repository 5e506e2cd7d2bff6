import { Fault } from "../core/fault";

/** A 401 of `/v2/`: Harbor repeats the message and puts the challenge into a header. */
export const registryRefusal = (message: string, challenge: string): Fault =>
    new Fault(401, "UNAUTHORIZED", `${message}: ${message}`, {
        headers: { "Www-Authenticate": challenge },
    });

export const basicChallenge = 'Basic realm="harbor"';
