import { CachedImage } from "harbor-build";

const hello = new CachedImage("hello", {
    project: { name: "example-platforms" },
    context: "hello",
    tags: ["1.0.0"],
    platforms: ["linux/amd64", "linux/arm64"],
    retainImages: false, // for trying out: destroy deletes the project with its images
});

/** The index of both images. */
export const image = hello.ref;
