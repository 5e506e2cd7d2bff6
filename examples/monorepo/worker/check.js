// Compiles a script without running it. A real service would run its bundler here.
const { readFileSync } = require("node:fs");
const { Script } = require("node:vm");

new Script(readFileSync(process.argv[2], "utf8"));
