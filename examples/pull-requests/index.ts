import * as pulumi from "@pulumi/pulumi";
import { CachedImage, PreviewMode } from "harbor-build";

/** `main` deploys; `review-7` deploys pull request 7; `pr-7` only previews it. */
const stack = pulumi.getStack();

const web = new CachedImage("web", {
    project: { name: "shop", existing: true },
    credentials: {
        username: process.env["REGISTRY_USERNAME"] ?? "",
        password: pulumi.secret(process.env["REGISTRY_PASSWORD"] ?? ""),
    },
    context: "./app",
    tags: [stack === "main" ? "latest" : stack],
    // A failing instruction fails the preview.
    preview: PreviewMode.Build,
    // Every stack starts from main's cache; a review stack also writes its own, a preview none.
    cache: { fallbackScopes: ["main"], write: !stack.startsWith("pr-") },
});

export const image = web.ref;
