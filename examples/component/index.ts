import { ImageProject } from "harbor-build";
import { Service } from "./service";

const shop = new ImageProject("shop", { name: "example-component", retainImages: false });

const site = new Service("site", {
    project: shop.project,
    context: "site",
    version: "1.0.0",
});

export const image = site.image;
