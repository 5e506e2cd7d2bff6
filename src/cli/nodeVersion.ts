import { nodeMinimum, reaches } from "./version";

// The first import of main.ts: an old Node.js stops here, before it loads code that it does not know.
if (!reaches(process.versions.node, nodeMinimum)) {
    process.stderr.write(
        `Node.js: ${process.versions.node} is too old. Expected ${nodeMinimum} or newer. Fix: install a newer Node.js, https://nodejs.org/en/download.\n`,
    );
    process.exit(1);
}
