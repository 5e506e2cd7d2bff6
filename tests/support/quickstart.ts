import { join } from "node:path";
import { root } from "./lab";

/** The example's folder, whose `fm` is the seed's Go program. */
export const quickstartFiles = join(root, "examples", "quickstart");

/** A program like the quickstart's, with a separate project. */
export function quickstartProgram(project: string, args = ""): string {
    return `
import { CachedImage } from "harbor-build";

const fm = new CachedImage("fm", {
    project: { name: ${JSON.stringify(project)} },
    context: "fm",
    tags: ["1.0.0"],
    retainImages: false,
    ${args}
});
export const image = fm.ref;
export const digest = fm.digest;
export const builderImages = fm.builderImages;
export const project = fm.projectName;
export const registry = fm.registry;
`;
}

/** Every step of the example's Dockerfile, by stage. */
export const buildSteps = [
    "WORKDIR /17x",
    "COPY go.mod go.sum ./",
    "RUN go mod download",
    "COPY cmd ./cmd",
    "COPY internal ./internal",
    'RUN go build -trimpath -ldflags="-s -w" -o app ./cmd',
] as const;

export const finalSteps = [
    "WORKDIR /root",
    "COPY --from=build /usr/share/zoneinfo/Asia/Shanghai /etc/localtime",
    "COPY --from=build /17x/app .",
    "COPY conf/config.yaml conf/",
] as const;

/** The same outcome for each of some steps. */
export function all(
    names: readonly string[],
    outcome: "cached" | "built",
): Record<string, "cached" | "built"> {
    return Object.fromEntries(names.map((name) => [name, outcome]));
}
