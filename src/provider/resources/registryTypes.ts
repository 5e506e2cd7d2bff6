/**
 * Names of kinds of registry in programs for the bridged provider, with Harbor's adapters
 * (`GET /replication/adapters`). Further names are equal to Harbor's.
 */
const adapters: Readonly<Record<string, string>> = {
    alibaba: "ali-acr",
    "artifact-hub": "artifact-hub",
    aws: "aws-ecr",
    azure: "azure-acr",
    "docker-hub": "docker-hub",
    "docker-registry": "docker-registry",
    dtr: "dtr",
    github: "github-ghcr",
    gitlab: "gitlab",
    google: "google-gcr",
    harbor: "harbor",
    helm: "helm-hub",
    huawei: "huawei-SWR",
    jfrog: "jfrog-artifactory",
    quay: "quay",
    tencent: "tencent-tcr",
    volcengine: "volcengine-cr",
};

/** Every name of a kind of registry. */
export const registryKinds = Object.keys(adapters);

/** Harbor's adapter for a kind; also accepts Harbor's own name of an adapter. */
export function toAdapter(kind: string): string {
    return adapters[kind] ?? kind;
}

/** The kind of an adapter. */
export function fromAdapter(adapter: string): string {
    return registryKinds.find((kind) => adapters[kind] === adapter) ?? adapter;
}

/** Harbor's own names of adapters. */
export const adapterNames: readonly string[] = Object.values(adapters);
