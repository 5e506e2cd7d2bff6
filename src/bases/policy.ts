/** What is done about base images: a tag such as `golang:1.22` names another image from time to time. */
export const BaseImagePolicy = {
    /** As Docker does: whatever the tag names when an image is built. A moved tag is no diff. */
    Float: "float",
    /** What the tag names is found out in every preview, built on and recorded. A moved tag is a diff. */
    Pin: "pin",
} as const;
export type BaseImagePolicy = (typeof BaseImagePolicy)[keyof typeof BaseImagePolicy];
