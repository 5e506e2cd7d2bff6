/** What a change requires of the next version. */
const bumps = ["patch", "minor", "major"] as const;
type Bump = (typeof bumps)[number];

/** A file of `.changeset`. */
export interface Change {
    readonly bump: Bump;
    /** What users can do now, or what behaves differently. */
    readonly text: string;
}

/** Reads a file of `.changeset`. @throws Error when the file has another form. */
export function parseChange(file: string, content: string): Change {
    const match = /^---\n"harbor-build": (\w+)\n---\n\n([\s\S]+)$/.exec(content);
    const bump = bumps.find((one) => one === match?.[1]);
    const text = match?.[2]?.trim();
    if (bump === undefined || !text) {
        throw new Error(
            `${file}: not a change. Expected '"harbor-build": patch|minor|major' between lines of ---, an empty line, and a sentence.`,
        );
    }
    return { bump, text };
}

/**
 * The version after some changes. Below 1.0.0, where every minor version may require users to
 * change something, `major` raises the minor number.
 */
export function nextVersion(version: string, changes: readonly Change[]): string {
    const [major = 0, minor = 0, patch = 0] = version.split(".").map(Number);
    const highest = Math.max(...changes.map(({ bump }) => bumps.indexOf(bump)));
    if (highest < 1) return [major, minor, patch + 1].join(".");
    return highest === 2 && major > 0 ? `${major + 1}.0.0` : [major, minor + 1, 0].join(".");
}

const titles: Readonly<Record<Bump, string>> = {
    major: "Users must change something",
    minor: "Added",
    patch: "Fixed",
};

/** A version's part of the changelog: the changes by kind, those that need attention first. */
export function changelogPart(version: string, date: string, changes: readonly Change[]): string {
    const groups = [...bumps].reverse().flatMap((bump) => {
        const texts = changes.filter((change) => change.bump === bump).map(({ text }) => text);
        return texts.length === 0
            ? []
            : [`### ${titles[bump]}\n\n${texts.map(listItem).sort().join("\n")}\n`];
    });
    return [`## ${version} (${date})\n`, ...groups].join("\n");
}

const listItem = (text: string): string => `- ${text.replaceAll("\n", "\n  ")}`;
