/** How to treat base images, since a tag such as `golang:1.22` moves to other images over time. */
export const BaseImagePolicy = {
    /** As Docker does: builds use the image that the tag names at that time. A moved tag is no diff. */
    Float: "float",
    /** Every preview looks up the tag's digest; builds use it and the state records it. A moved tag is a diff. */
    Pin: "pin",
} as const;
export type BaseImagePolicy = (typeof BaseImagePolicy)[keyof typeof BaseImagePolicy];
