import { readFile } from "node:fs/promises";
import { CachedImage } from "harbor-build";

// ES modules may await at the top level.
const { version } = JSON.parse(await readFile("site/version.json", "utf8"));

const site = new CachedImage("site", {
    project: { name: "example-esm" },
    context: "site",
    tags: [version],
    retainImages: false, // for trying out: destroy deletes the project with its images
});

export const image = site.ref;
