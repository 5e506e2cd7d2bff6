import { CachedImage, type CachedImageArgs, ImageProject } from "harbor-build";

const shop = new ImageProject("shop", { name: "example-monorepo", retainImages: false });

type Build = Omit<CachedImageArgs, "project">;

/** One Dockerfile builds every Go service; each image reads only the folders of its service. */
const go = (service: string): Build => ({
    context: "go",
    buildArgs: { SERVICE: service },
});

const services: Record<string, Build> = {
    gateway: go("gateway"),
    billing: go("billing"),
    stock: go("stock"),
    worker: { context: "worker" },
    reports: { context: "reports" },
    docs: { context: "docs" },
};

/** Reference of each service, with tag and digest. */
export const images = Object.fromEntries(
    Object.entries(services).map(([name, build]) => {
        const image = new CachedImage(name, {
            project: shop.project,
            tagByContent: true,
            ...build,
        });
        return [name, image.ref];
    }),
);
