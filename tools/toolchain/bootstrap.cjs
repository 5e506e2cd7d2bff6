#!/usr/bin/env node
// @ts-check
// `node tools/toolchain/bootstrap.cjs COMMAND ARGS…` installs Node.js and this clone's packages, then runs
// tools/commands/main.ts. This file runs on any Node.js, so its syntax is old, and the files that it loads
// are plain JavaScript.
var oldest = 18;
if (parseInt(process.versions.node, 10) < oldest) {
    console.error(
        "error: this is Node.js " +
            process.versions.node +
            " (" +
            process.execPath +
            "). Fetching the version that harbor-build itself runs on needs Node.js " +
            oldest +
            " or newer. " +
            "Install a current Node.js (https://nodejs.org) and run the same command again.",
    );
    process.exit(1);
}
require("./bootstrap/main.cjs").main(process.argv.slice(2));
