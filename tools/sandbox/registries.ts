import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Daemon } from "./daemon";
import { daemonEnvironment } from "./environment";
import { writeAtomically } from "./files";
import type { Places } from "./places";
import { accepts } from "./ports";
import type { State } from "./state";

type Address = { readonly socket: string } | { readonly port: number };

interface RegistryOptions {
    readonly name: string;
    readonly binary: string;
    readonly storage: string;
    readonly address: Address;
    readonly secret: string;
    readonly access: "readwrite" | "readonly";
}

function configuration({ storage, address, secret, access }: RegistryOptions): string {
    const http =
        "socket" in address
            ? { net: "unix", addr: address.socket, secret }
            : { addr: `127.0.0.1:${address.port}`, secret };
    return JSON.stringify({
        version: "0.1",
        log: { level: "warn", accesslog: { disabled: true } },
        storage: {
            filesystem: { rootdirectory: storage },
            delete: { enabled: true },
            redirect: { disable: true },
            cache: { blobdescriptor: "inmemory" },
            maintenance: { readonly: { enabled: access === "readonly" } },
        },
        http,
    });
}

function daemonOf(places: Places, options: RegistryOptions): Daemon {
    const file = join(places.run, `${options.name}.yml`); // JSON is valid YAML.
    const content = configuration(options);
    writeAtomically(file, content, 0o600);
    mkdirSync(options.storage, { recursive: true, mode: 0o700 });
    const { address } = options;
    return {
        name: options.name,
        command: options.binary,
        args: ["serve", file],
        environment: daemonEnvironment({ OTEL_TRACES_EXPORTER: "none" }),
        fingerprint: content,
        isReady: () => accepts("socket" in address ? { path: address.socket } : address),
    };
}

export const harborRegistrySocket = (places: Places): string =>
    join(places.sockets, "registry.sock");

/** The real registry behind Harbor, on a socket that only its owner can reach. */
export function harborRegistry(places: Places, state: State, binary: string): Daemon {
    const socket = harborRegistrySocket(places);
    return daemonOf(places, {
        name: "registry",
        binary,
        storage: places.registry,
        address: { socket },
        secret: state.registrySecret,
        access: "readwrite",
    });
}

/** The mirror of base images that builds read from; nobody can push to it. */
export function mirrorRegistry(places: Places, state: State, binary: string): Daemon {
    return daemonOf(places, {
        name: "mirror",
        binary,
        storage: places.mirror,
        address: { port: state.mirrorPort },
        secret: state.registrySecret,
        access: "readonly",
    });
}

export const mirrorWriterSocket = (places: Places): string => join(places.sockets, "mirror.sock");

/** The mirror's storage, writable while its images are built. */
export function mirrorWriter(places: Places, state: State, binary: string): Daemon {
    const socket = mirrorWriterSocket(places);
    rmSync(socket, { force: true });
    return daemonOf(places, {
        name: "mirror-writer",
        binary,
        storage: places.mirror,
        address: { socket },
        secret: state.registrySecret,
        access: "readwrite",
    });
}
