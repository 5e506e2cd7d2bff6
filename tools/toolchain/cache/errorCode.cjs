// @ts-check

/**
 * The code of a system error (`ENOENT`), or the error as text when it has no code.
 *
 * @param {unknown} error
 * @returns {string}
 */
function codeOf(error) {
    return error instanceof Error && "code" in error ? String(error.code) : String(error);
}

module.exports = { codeOf };
