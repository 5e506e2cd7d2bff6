/** How much of the Dockerfile and of the context an image is built from. */
export const SlicePolicy = {
    /** What its target reads; the whole where that is not certain, with a log line that gives the reason. */
    Auto: "auto",
    /** The whole Dockerfile and the whole context: every change in them builds every image. */
    Whole: "whole",
} as const;
export type SlicePolicy = (typeof SlicePolicy)[keyof typeof SlicePolicy];
