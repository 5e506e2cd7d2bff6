import { CachedImage } from "harbor-build";

const fm = new CachedImage("fm", {
    project: { name: "shop" },
    context: "fm",
    tags: ["1.0.0"],
    // A place to try things: `destroy` takes the project and its images along.
    retainImages: false,
});

/** The app image that was pushed, with tag and digest. */
export const image = fm.ref;

/** The builder-stage image that carries the cache. */
export const builderImage = fm.builderImages.apply((images) => images["build"]?.ref);
