/** How much of the Dockerfile and of the context BuildKit gets for an image. */
export const SlicePolicy = {
    /**
     * What the target reads; the whole of both if that is uncertain, with a log line that gives the
     * reason.
     */
    Auto: "auto",
    /** The whole Dockerfile and the whole context: every change in them builds every image. */
    Whole: "whole",
} as const;
export type SlicePolicy = (typeof SlicePolicy)[keyof typeof SlicePolicy];
