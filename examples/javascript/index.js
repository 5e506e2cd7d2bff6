const { CachedImage } = require("harbor-build");

const site = new CachedImage("site", {
    project: { name: "example-javascript" },
    context: "site",
    tags: ["1.0.0"],
    retainImages: false, // for trying out: destroy deletes the project with its images
});

exports.image = site.ref;
