/** Longest time for which an interrupted program answers hooks, in milliseconds. */
const answersMaxMs = 10_000;

/**
 * Keeps a program that Pulumi started alive for a moment after Ctrl-C. The terminal interrupts the
 * program together with the engine. The engine then cancels the builds, and asks the hooks of the
 * cancelled ones; without an answer, it reports a failed hook instead of a cancelled build. It ends the
 * program afterwards. A second Ctrl-C ends the program at once. Leaves a program alone that listens to
 * the signal itself.
 */
export function answerAfterInterrupt(): void {
    // How Pulumi's language hosts run programs and plugins (SDK 3.270, cmd/run and cmd/run-plugin).
    const isRunByPulumi = /[/\\]cmd[/\\]run(?:-plugin)?(?:[/\\]|$)/.test(process.argv[1] ?? "");
    if (!isRunByPulumi || process.listenerCount("SIGINT") > 0) return;
    process.once("SIGINT", () => setTimeout(() => process.exit(130), answersMaxMs).unref());
}
