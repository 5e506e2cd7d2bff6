import type { Properties } from "../property";
import { httpAddress, oneOf } from "../rules";

/** The nameRegex of Harbor's src/server/v2.0/handler/preheat.go. */
const goodName = /^[A-Za-z0-9]+(?:[._-][A-Za-z0-9]+)*$/;

/** Inputs of `harbor.PreheatInstance`. */
export const preheatInstanceProperties = {
    name: {
        type: "string",
        autoNamed: true,
        replace: true,
        check: (value: string) =>
            goodName.test(value)
                ? undefined
                : `"${value}" is not valid in Harbor: letters and digits, with single ".", "_" or "-" between them`,
        description: "Name of the instance. Default: the logical name and seven random digits.",
    },
    vendor: {
        type: "string",
        required: true,
        replace: true,
        check: oneOf("dragonfly", "kraken"),
        description: "Kind of P2P network: `dragonfly` or `kraken`.",
    },
    endpoint: {
        type: "string",
        required: true,
        check: httpAddress,
        description: "Address of the instance. Harbor accepts each address once.",
    },
    authMode: {
        type: "string",
        default: "NONE",
        check: oneOf("NONE", "BASIC", "OAUTH"),
        description:
            "How Harbor logs in to the instance: `NONE`, `BASIC` with `username` and `password`, or `OAUTH` with `token`. Default: NONE.",
    },
    username: {
        type: "string",
        local: true,
        description: "User name, for `BASIC`.",
    },
    password: {
        type: "string",
        secret: true,
        local: true,
        default: "",
        description: "Password, for `BASIC`.",
    },
    token: {
        type: "string",
        secret: true,
        local: true,
        default: "",
        description: "Token, for `OAUTH`.",
    },
    description: {
        type: "string",
        description: "Description of the instance.",
    },
    enabled: {
        type: "boolean",
        default: true,
        description: "Whether the instance is enabled. Default: true.",
    },
    default: {
        type: "boolean",
        default: false,
        description:
            "Whether new preheat policies use this instance by default. Harbor then clears this flag of other instances. Default: false.",
    },
    insecure: {
        type: "boolean",
        default: false,
        description:
            "Whether Harbor skips the verification of the instance's certificate. Default: false.",
    },
} as const satisfies Properties;
