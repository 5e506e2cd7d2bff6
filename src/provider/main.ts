import { setFlagsFromString } from "node:v8";
import schema from "./schema.json";
import { type ProviderServer, startProvider } from "./server";

/** `pulumi-resource-harbor`. Pulumi's engine starts this program and reads the port from standard output. */
async function main(args: readonly string[]): Promise<void> {
    const { version } = schema;
    if (args.includes("--version")) {
        process.stdout.write(`${version}\n`);
        return;
    }
    const engine = args.find((arg) => !arg.startsWith("-"));
    if (engine === undefined && !process.env["PULUMI_DEBUG_PROVIDERS"]) {
        process.stderr.write(
            `pulumi-resource-harbor ${version} is a plugin of Pulumi and is started by \`pulumi\`, not by hand.\n`,
        );
        process.exitCode = 64;
        return;
    }
    // Otherwise thousands of short-lived messages grow the heap to some 300 MB before V8 collects garbage.
    setFlagsFromString("--optimize-for-size");
    setFlagsFromString("--max-semi-space-size=2");
    const server = await startProvider({
        version,
        schema: () => JSON.stringify(schema),
        env: process.env,
        engine,
    });
    process.stdout.write(`${server.port}\n`);
    endWithEngine(server);
}

/** Interval between checks whether the engine is alive, in milliseconds. */
const parentCheckMs = 2000;

// A killed engine sends no signal, but its children get another parent.
function endWithEngine(server: ProviderServer): void {
    const engine = process.ppid;
    const end = (): void => {
        server.close();
        process.exit(0);
    };
    process.on("SIGINT", end).on("SIGTERM", end).on("SIGHUP", end);
    setInterval(() => {
        if (process.ppid !== engine) end();
    }, parentCheckMs).unref();
}

main(process.argv.slice(2)).catch((error: unknown) => {
    process.stderr.write(
        `pulumi-resource-harbor: ${error instanceof Error ? error.message : error}\n`,
    );
    process.exitCode = 1;
});
