import { addressFault, baseAddress, parseSwitch, settingVariables } from "../harbor/address";
import type { ClientOptions } from "../harbor/client";
import { isPlaceholder } from "../text/placeholder";
import { checkProperties } from "./check";
import type { Failure } from "./failure";
import type { Properties } from "./property";
import { type Bag, Unknown } from "./values";

/** Configuration of the provider, by name. Environment variables replace missing values. */
export const configuration = {
    url: {
        type: "string",
        description: "Harbor's address, `https://host[:port]`. Environment variable: `HARBOR_URL`.",
    },
    username: {
        type: "string",
        description: "User or robot account to log in as. Environment variable: `HARBOR_USERNAME`.",
    },
    password: {
        type: "string",
        secret: true,
        description: "Password or secret of `username`. Environment variable: `HARBOR_PASSWORD`.",
    },
    bearerToken: {
        type: "string",
        secret: true,
        description:
            "OIDC id token, used instead of user name and password. Environment variable: `HARBOR_BEARER_TOKEN`.",
    },
    sessionId: {
        type: "string",
        secret: true,
        description:
            "Value of the `sid` cookie of a logged-in session. Takes precedence over other credentials. Environment variable: `HARBOR_SESSION_ID`.",
    },
    insecure: {
        type: "boolean",
        description:
            "Whether to skip the verification of the server's certificate. Environment variable: `HARBOR_IGNORE_CERT`. Default: false.",
    },
    apiVersion: {
        type: "number",
        description: "Version of Harbor's API; only 2 is supported. Default: 2.",
    },
    robotPrefix: {
        type: "string",
        description:
            "Prefix of robot account names in this Harbor, if it is not `robot$`. With the prefix, previews know the full names of robot accounts.",
    },
    headers: {
        type: "map",
        secret: true,
        description: "Headers sent with every request, for a proxy in front of Harbor.",
    },
} satisfies Properties;

/** Keys that the engine adds to a provider's configuration. */
const engineKeys = new Set(["version", "pluginDownloadURL", "pluginChecksums", "parameterization"]);

/** Result of reading a configuration. */
export interface Configured {
    /** Settings of the client; undefined when something is wrong or unknown. */
    readonly client: ClientOptions | undefined;
    readonly robotPrefix: string | undefined;
    /** A failure only when a resource needs Harbor. */
    readonly missing?: Failure;
    readonly failures: readonly Failure[];
}

const missingAddress: Failure = {
    property: "url",
    reason: "Harbor's address is missing: `pulumi config set harbor:url https://…`, or set HARBOR_URL. Images in another registry need registry, project.existing and credentials",
};

/** Reads the provider's configuration; `env` replaces missing values. */
export function readConfiguration(given: Bag, env: NodeJS.ProcessEnv): Configured {
    const filled: Record<string, unknown> = {};
    for (const [key, value] of Object.entries(given)) {
        // A map of headers has no placeholder of its own shape.
        const isLost = key === "headers" && isPlaceholder(value);
        if (!engineKeys.has(key) && !isLost) filled[key] = parseJson(key, value);
    }
    for (const [key, variable] of Object.entries(settingVariables)) {
        if (filled[key] === undefined && env[variable])
            filled[key] = fromEnvironment(key, env[variable]);
    }
    const { inputs, failures: shapeFailures } = checkProperties(filled, configuration);
    const failures = [...shapeFailures, ...together(inputs)];
    const robotPrefix = known(inputs["robotPrefix"]);
    const unknown = Object.values(inputs).some((value) => value instanceof Unknown);
    if (failures.length === 0 && inputs["url"] === undefined) {
        return { client: undefined, robotPrefix, missing: missingAddress, failures };
    }
    if (failures.length > 0 || unknown) return { client: undefined, robotPrefix, failures };
    return { client: clientOptions(inputs, env), robotPrefix, failures };
}

function clientOptions(inputs: Bag, env: NodeJS.ProcessEnv): ClientOptions {
    return {
        url: baseAddress(String(inputs["url"])),
        username: known(inputs["username"]),
        password: known(inputs["password"]),
        bearerToken: known(inputs["bearerToken"]),
        sessionId: known(inputs["sessionId"]),
        verifyTls: inputs["insecure"] !== true,
        // The check guarantees an object of texts.
        headers: inputs["headers"] as Record<string, string> | undefined,
        env,
    };
}

function together(inputs: Bag): Failure[] {
    const failures: Failure[] = [];
    const url = inputs["url"];
    if (typeof url === "string") {
        const reason = addressFault(url);
        if (reason) failures.push({ property: "url", reason });
    }
    if (
        inputs["username"] &&
        inputs["password"] === undefined &&
        !inputs["bearerToken"] &&
        !inputs["sessionId"]
    ) {
        failures.push({
            property: "password",
            reason: `the password of "${inputs["username"] instanceof Unknown ? "the user" : inputs["username"]}" is missing: \`pulumi config set --secret harbor:password\`, or set HARBOR_PASSWORD`,
        });
    }
    const { password } = inputs;
    if (password !== undefined && !isPlaceholder(password) && !inputs["username"]) {
        failures.push({
            property: "username",
            reason: "a password is given but no user name: `pulumi config set harbor:username …`, or set HARBOR_USERNAME",
        });
    }
    const version = inputs["apiVersion"];
    if (typeof version === "number" && version !== 2) {
        failures.push({
            property: "apiVersion",
            reason: `${version} is not supported; Harbor 2.x uses version 2`,
        });
    }
    return failures;
}

// Explicit providers and stack configurations encode everything but text as JSON text.
function parseJson(key: string, value: unknown): unknown {
    const type = configuration[key as keyof typeof configuration]?.type;
    if (typeof value !== "string" || type === undefined || type === "string") return value;
    try {
        return JSON.parse(value);
    } catch {
        return value;
    }
}

function fromEnvironment(key: string, value: string): unknown {
    return key === "insecure" ? (parseSwitch(value) ?? value) : value;
}

function known(value: unknown): string | undefined {
    return typeof value === "string" && value !== "" ? value : undefined;
}
