import type { Properties } from "../property";
import { secretStrength, textLength } from "../rules";

const lengthMax = 255;

/** Harbor refuses these in login names: src/controller/user and lib.ValidateUsername of version 2.15.2. */
const forbidden = /[,"~#%$]/;

/** Inputs of `harbor.User`. */
export const userProperties = {
    username: {
        type: "string",
        required: true,
        replace: true,
        check: (value: string) => {
            const fault = textLength(lengthMax)(value);
            if (fault !== undefined || !forbidden.test(value)) return fault;
            return `"${value}" contains one of , " ~ # % $, which Harbor refuses`;
        },
        description: "Login name.",
    },
    fullName: {
        type: "string",
        required: true,
        description: "Full name of the user.",
    },
    email: {
        type: "string",
        required: true,
        check: (value: string) =>
            /^[^\s@]+@([^\s@]+)$/.exec(value)?.[1]?.slice(1, -1).includes(".")
                ? undefined
                : `"${value}" is not an e-mail address; expected name@host`,
        description: "E-mail address.",
    },
    password: {
        type: "string",
        secret: true,
        local: true,
        default: "",
        check: secretStrength,
        description:
            "Password: 8 to 128 characters with an upper-case letter, a lower-case letter and a digit. Give either this or `passwordWo`.",
    },
    passwordWo: {
        type: "string",
        secret: true,
        writeOnly: true,
        check: secretStrength,
        description:
            "Password that is not stored in the outputs. Sent again when `passwordWoVersion` changes.",
    },
    passwordWoVersion: {
        type: "number",
        local: true,
        description: "Change it to send `passwordWo` again.",
    },
    admin: {
        type: "boolean",
        default: false,
        description: "Whether the user is a system administrator. Default: false.",
    },
    comment: {
        type: "string",
        description: "Remark.",
    },
} as const satisfies Properties;
