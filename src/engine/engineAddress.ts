import type { Client } from "@grpc/grpc-js";
import * as pulumi from "@pulumi/pulumi";

/** Address of the engine, which ends with its port; undefined in tests with mocks. */
export function engineAddress(): string | undefined {
    // The SDK's types do not show that its client is one of gRPC (SDK 3.245 to 3.270).
    const engine = pulumi.runtime.getEngine() as Partial<Client> | undefined;
    // gRPC's target has a scheme: dns:127.0.0.1:41234.
    return engine?.getChannel?.().getTarget();
}
