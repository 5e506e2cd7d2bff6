import { readFileSync } from "node:fs";
import { certificatesIn } from "./certificates";
import { startHarbor } from "./harbor/server";
import { placesOf } from "./places";
import { harborRegistrySocket } from "./registries";
import { readPassword, readState, Scheme } from "./state";

/** Main program of the Harbor process; its one argument is the sandbox's data folder. */
async function main(dataDir: string): Promise<void> {
    const places = placesOf(dataDir);
    const state = readState(places);
    if (state === undefined) {
        throw new Error(`${dataDir} contains no sandbox`);
    }
    const { certificateFile, keyFile } = certificatesIn(places.certificates);
    const harbor = await startHarbor({
        dataDir: places.harbor,
        adminPassword: readPassword(places),
        port: state.harborPort,
        upstreamUrl: `unix://${harborRegistrySocket(places)}`,
        log: (line) => console.error(`${new Date().toISOString()} ${line}`),
        ...(state.scheme === Scheme.Https
            ? {
                  tls: {
                      certificate: readFileSync(certificateFile, "utf8"),
                      key: readFileSync(keyFile, "utf8"),
                  },
              }
            : {}),
    });
    console.error(`${new Date().toISOString()} listening at ${harbor.url}`);
    const end = (): void => {
        void harbor.close().then(() => process.exit(0));
    };
    process.once("SIGTERM", end);
    process.once("SIGINT", end);
}

main(process.argv[2] ?? "").catch((error: unknown) => {
    console.error(error);
    process.exitCode = 1;
});
