/** How a check ended: a fault needs a fix before `pulumi up` can work, a note may need one. */
export const FindingState = { Good: "good", Note: "note", Fault: "fault" } as const;
export type FindingState = (typeof FindingState)[keyof typeof FindingState];

/** What one check found. */
export interface Finding {
    readonly state: FindingState;
    /** What was checked: a program, a file, a setting. */
    readonly subject: string;
    /** What was found, and what was expected when that differs. */
    readonly text: string;
    /** What to do; absent when nothing is to do. */
    readonly fix?: string;
}

export const good = (subject: string, text: string): Finding => ({
    state: FindingState.Good,
    subject,
    text,
});

export const note = (subject: string, text: string, fix: string): Finding => ({
    state: FindingState.Note,
    subject,
    text,
    fix,
});

export const fault = (subject: string, text: string, fix: string): Finding => ({
    state: FindingState.Fault,
    subject,
    text,
    fix,
});

const marks: Readonly<Record<FindingState, string>> = { good: "✔", note: "ℹ", fault: "✖" };

/** A finding as the lines of a report. */
export function describeFinding({ state, subject, text, fix }: Finding): string {
    const lines = [`${marks[state]} ${subject}: ${text}`];
    return [...lines, ...(fix === undefined ? [] : [`  Fix: ${fix}`])].join("\n");
}

/** A mistake of the user's that stops a command. */
export class CommandError extends Error {
    override readonly name = "CommandError" as const;

    constructor(subject: string, text: string, fix: string) {
        super(`${subject}: ${text} Fix: ${fix}`);
    }
}
