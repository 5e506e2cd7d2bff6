import { CachedImage } from "harbor-build";

const fm = new CachedImage("fm", {
    // `npm start` sets the variable when it uses your Harbor.
    project: { name: process.env["QUICKSTART_PROJECT"] ?? "shop" },
    context: "fm",
    tags: ["1.0.0"],
    // For trying things out: `destroy` deletes the project with its images.
    retainImages: false,
});

/** The pushed app image, with tag and digest. */
export const image = fm.ref;

/** The builder-stage image that carries the cache. */
export const builderImage = fm.builderImages.apply((images) => images["build"]?.ref);
