// Bundles the program with webpack. webpack's cache is in a folder of its own, which can be a mount. Each library has a chunk of its own, so that a changed source file or an added library does
// not minify the others again.
import webpack from "webpack";

const library = /[\\/]node_modules[\\/]((?:@[^\\/]+[\\/])?[^\\/]+)/;
const compiler = webpack({
    mode: "production",
    target: "node",
    entry: { app: "./src/index.js" },
    output: { path: `${process.cwd()}/out`, filename: "[name].js" },
    cache: { type: "filesystem", cacheDirectory: "/root/.cache/webpack" },
    performance: false,
    optimization: {
        splitChunks: {
            chunks: "all",
            minSize: 0,
            cacheGroups: {
                library: {
                    test: library,
                    name: ({ resource }) => library.exec(resource)?.[1].replace(/\W+/g, "-"),
                },
            },
        },
    },
});
compiler.run((error, stats) => {
    const failed = error ?? (stats.hasErrors() ? stats.toString() : undefined);
    if (failed) {
        console.error(failed);
        process.exitCode = 1;
    }
    compiler.close(() => {});
});
