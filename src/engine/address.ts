import type { Client } from "@grpc/grpc-js";
import * as pulumi from "@pulumi/pulumi";

/** Address of the engine, which ends with its port; undefined in tests with mocks. */
export function engineAddress(): string | undefined {
    return addressOf(pulumi.runtime.getEngine());
}

/** Address of the engine's resource monitor; undefined in tests with mocks. */
export function monitorAddress(): string | undefined {
    return addressOf(pulumi.runtime.getMonitor());
}

function addressOf(client: object | undefined): string | undefined {
    // The SDK's types do not show that its clients are those of gRPC (SDK 3.245 to 3.270). Their targets
    // have a scheme: dns:127.0.0.1:41234.
    return (client as Partial<Client> | undefined)?.getChannel?.().getTarget();
}
