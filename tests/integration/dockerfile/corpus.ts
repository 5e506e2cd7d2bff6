import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseDockerfile, resolveStages } from "../../../src/dockerfile";
import type { BuildRequest } from "./buildkit";

/** One Dockerfile of the corpus. */
export interface CorpusCase {
    /** Folder and name. */
    readonly name: string;
    readonly text: string;
    /** What its last line gives (`# given: {…}`). */
    readonly given: {
        readonly target?: string;
        readonly platform?: string;
        readonly buildArgs?: Readonly<Record<string, string>>;
    };
}

const root = join(__dirname, "../../corpus");

/** The Dockerfiles of one folder of the corpus. */
export function corpus(folder: string): CorpusCase[] {
    return readdirSync(join(root, folder))
        .filter((file) => file.endsWith(".Dockerfile"))
        .sort()
        .map((file) => {
            const text = readFileSync(join(root, folder, file), "utf8");
            const given = /^# given: (\{.*\})$/m.exec(text)?.[1] ?? "{}";
            return {
                name: `${folder}/${file.replace(/\.Dockerfile$/, "")}`,
                text,
                given: JSON.parse(given),
            };
        });
}

/** Asks for a case's build, every image replaced by an empty one so that none is fetched. */
export function requestOf({ text, given }: CorpusCase, context: string): BuildRequest {
    const { stages } = resolveStages(parseDockerfile(text), given);
    const images = stages.flatMap(({ base, edges }) =>
        [base, ...edges.map(({ source }) => source)].flatMap((source) =>
            source.kind === "image" ? [source.reference] : [],
        ),
    );
    return { context, dockerfile: text, emptyImages: images, ...given };
}
