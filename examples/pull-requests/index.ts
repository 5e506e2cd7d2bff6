import * as pulumi from "@pulumi/pulumi";
import { CachedImage, PreviewMode } from "harbor-build";

/** `main` deploys; `review-7` deploys the reviewed commit of pull request 7. */
const stack = pulumi.getStack();
const isMain = stack === "main";
const main = "shop";

const web = new CachedImage("web", {
    // A review stack cannot replace main's images: its account only pulls from main's project.
    project: { name: isMain ? main : "shop-review", existing: true },
    credentials: {
        // The preview of a pull request has the name of main's account without the password.
        username: process.env["REGISTRY_USERNAME"] ?? "",
        password: pulumi.secret(process.env["REGISTRY_PASSWORD"] ?? ""),
    },
    context: "./app",
    tags: [isMain ? "latest" : stack],
    // A failing instruction fails the preview.
    preview: PreviewMode.Build,
    // Review stacks start from main's cache, and write their own in the reviews' project.
    cache: { fallbackProject: main, fallbackScopes: ["main"] },
});

export const image = web.ref;
