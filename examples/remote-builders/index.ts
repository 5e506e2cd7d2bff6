import { CachedImage, ImageProject } from "harbor-build";

const shop = new ImageProject("shop", { name: "example-remote-builders", retainImages: false });

// Each image names the builder that builds it; both builds run at the same time.
const api = new CachedImage("api", {
    project: shop.project,
    context: "api",
    tags: ["1.0.0"],
    builder: "east",
});

const docs = new CachedImage("docs", {
    project: shop.project,
    context: "docs",
    tags: ["1.0.0"],
    builder: "west",
});

export const images = { api: api.ref, docs: docs.ref };
