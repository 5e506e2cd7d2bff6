import { severities } from "../../harbor/project";
import type { Properties } from "../property";
import { oneOf, projectName, wholeNumber } from "../rules";
import { storageLimit } from "../storage";

const severity = oneOf(...severities);

/** Inputs and outputs of `harbor.Project`. */
export const projectProperties = {
    name: {
        type: "string",
        autoNamed: true,
        replace: true,
        check: projectName,
        description:
            "Name of the project: lower-case letters and digits, with single `.`, `_` or `-` between them. Default: the logical name and seven random digits.",
    },
    public: {
        type: "boolean",
        default: false,
        description: "Whether everyone may pull. Default: false.",
    },
    storageQuota: {
        type: "number",
        default: -1,
        check: storageLimit,
        description:
            "Storage limit in GiB; -1 is unlimited. Needs a system administrator. Default: -1.",
    },
    forceDestroy: {
        type: "boolean",
        default: false,
        local: true,
        description: "Whether deleting the project deletes its repositories. Default: false.",
    },
    vulnerabilityScanning: {
        type: "boolean",
        default: true,
        description: "Whether Harbor scans pushed images. Default: true.",
    },
    vulnerabilityScanner: {
        type: "string",
        unmanaged: true,
        description: "Name of the project's scanner. Default: Harbor's default scanner.",
    },
    autoSbomGeneration: {
        type: "boolean",
        default: false,
        description: "Whether Harbor generates an SBOM for pushed images. Default: false.",
    },
    deploymentSecurity: {
        type: "string",
        check: (value: string) => severity(value.toLowerCase()),
        normalize: (value: string) => (value.toLowerCase() === "none" ? "" : value.toLowerCase()),
        description:
            "Harbor refuses pulls of images with vulnerabilities of this severity or above: `critical`, `high`, `medium`, `low`, or `none`. Default: none.",
    },
    cveAllowlists: {
        type: { list: "string", unordered: true },
        description:
            "CVE ids that `deploymentSecurity` and scan reports ignore. Default: the system's list.",
    },
    enableContentTrust: {
        type: "boolean",
        default: false,
        description: "Whether only images signed with Notation can be pulled. Default: false.",
    },
    enableContentTrustCosign: {
        type: "boolean",
        default: false,
        description: "Whether only images signed with Cosign can be pulled. Default: false.",
    },
    registryId: {
        type: "number",
        computed: true,
        replace: true,
        description:
            "Number of the registry (`registryId` of a `harbor.Registry`) that a proxy-cache project caches. Default: none.",
    },
    proxySpeedKb: {
        type: "number",
        default: -1,
        check: (value: number) => (value === -1 ? undefined : wholeNumber(1, 2 ** 31 - 1)(value)),
        description:
            "Bandwidth between a proxy cache and its upstream, in kilobits per second; -1 is unlimited. Default: -1.",
    },
    proxyCacheLocalOnNotFound: {
        type: "boolean",
        default: false,
        description:
            "Whether a proxy cache continues to serve images that its upstream has removed. Default: false.",
    },
    projectId: {
        type: "number",
        outputOnly: true,
        description: "Number of the project.",
    },
} satisfies Properties;
