const kept = /^(PATH|HOME|TMPDIR|LANG|TZ|SSL_CERT_FILE|SSL_CERT_DIR|(https?|no|all)_proxy)$/i;

/**
 * The variables of the caller's environment that a daemon needs; all others stay out, above all
 * secrets.
 */
export function daemonEnvironment(more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
    const entries = Object.entries(process.env).filter(([name]) => kept.test(name));
    return { ...Object.fromEntries(entries), ...more };
}
