#!/usr/bin/env node
// @ts-check
// `node toolchain/bootstrap.cjs COMMAND ARGS…`: brings Node.js and this clone's packages, then runs
// commands/main.ts with them. Only this runs on whatever Node.js a machine has: hence the old
// syntax of this file, and plain JavaScript in what it loads.
var oldest = 18;
if (parseInt(process.versions.node, 10) < oldest) {
    console.error(
        "error: this is Node.js " +
            process.versions.node +
            " (" +
            process.execPath +
            "); needed is " +
            oldest +
            " or newer to fetch the version that harbor-build itself runs on. " +
            "Install a current Node.js (https://nodejs.org) and run the same command again.",
    );
    process.exit(1);
}
require("./bootstrap/main.cjs").main(process.argv.slice(2));
