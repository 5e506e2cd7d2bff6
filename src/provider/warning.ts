/** Logs a warning about a resource. */
export type Warn = (message: string, urn: string | undefined) => Promise<void>;

/** Writes warnings to standard error. */
export const printWarning: Warn = async (message) => {
    process.stderr.write(`warning: ${message}\n`);
};
