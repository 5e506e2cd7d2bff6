import { chmodSync, readFileSync, rmSync } from "node:fs";
import { delimiter, join } from "node:path";
import { writeFolder } from "./tinyProject";
import type { UserProject } from "./userProject";
import type { Script } from "./workflow";

/** Keeps a login as `docker login` does. */
const dockerLogin = `
test "$1" = login || exit 0
auth=$(printf '%s:%s' "$4" "$(cat)" | base64 -w 0)
printf '{"auths":{"%s":{"auth":"%s"}}}' "$2" "$auth" > "$DOCKER_CONFIG/config.json"
`;

/** A machine that runs the scripts of CI jobs in a checked out project. */
export class CiRunner {
    private readonly project: UserProject;
    private readonly programs: string;
    private readonly calls: string;

    /** @param gh shell script that answers the calls of `gh`, after their recording */
    constructor(project: UserProject, gh = "") {
        this.project = project;
        this.calls = join(writeFolder({}), "calls");
        const record = `#!/bin/sh\necho "$(basename "$0") $*" >> "${this.calls}"\n`;
        // Stand-ins: the packages and Pulumi are installed, and only the loopback can be reached.
        const programs = {
            npm: record,
            git: record,
            tar: record,
            docker: `${record}${dockerLogin}`,
            gh: `${record}${gh}`,
            curl: `${record}case "$*" in *http://127.0.0.1:*) command -p curl "$@" ;; *) echo "not Pulumi" > "$2" ;; esac\n`,
        };
        this.programs = writeFolder(programs);
        for (const name of Object.keys(programs)) chmodSync(join(this.programs, name), 0o755);
    }

    /** Runs a script; returns its output and its calls of the stand-ins. */
    async run({ command, environment }: Script) {
        rmSync(this.calls, { force: true });
        const PATH = [this.programs, this.project.path].join(delimiter);
        const ended = await this.project.run(command, { ...environment, PATH });
        return { ...ended, calls: readLines(this.calls) };
    }
}

function readLines(file: string): readonly string[] {
    try {
        return readFileSync(file, "utf8").trimEnd().split("\n");
    } catch {
        return [];
    }
}
