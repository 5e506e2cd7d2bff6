import { CachedImage } from "harbor-build";

const fm = new CachedImage("fm", {
    project: { name: "example-makefile" },
    context: "fm",
    tags: ["1.0.0"],
    retainImages: false, // for trying out: destroy deletes the project with its images
});

export const image = fm.ref;
