import { dirname } from "node:path";

/** A folder and the folders that contain it, innermost first. */
export function upwards(folder: string): string[] {
    const parent = dirname(folder);
    return parent === folder ? [folder] : [folder, ...upwards(parent)];
}
