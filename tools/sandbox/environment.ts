const kept = /^(PATH|HOME|TMPDIR|LANG|TZ|SSL_CERT_FILE|SSL_CERT_DIR|(https?|no|all)_proxy)$/i;

/** What a daemon needs of the caller's environment; the rest, secrets above all, stays out of it. */
export function daemonEnvironment(more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
    const entries = Object.entries(process.env).filter(([name]) => kept.test(name));
    return { ...Object.fromEntries(entries), ...more };
}
