// @ts-check

/**
 * The code of a system error (`ENOENT`); the error itself, as text, where it has none.
 *
 * @param {unknown} error
 * @returns {string}
 */
function codeOf(error) {
    return error instanceof Error && "code" in error ? String(error.code) : String(error);
}

module.exports = { codeOf };
