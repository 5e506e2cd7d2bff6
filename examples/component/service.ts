import * as pulumi from "@pulumi/pulumi";
import { CachedImage, type SharedProject } from "harbor-build";

export interface ServiceArgs {
    /** Project of the service's images. */
    project: SharedProject;
    /** Build context of the service. */
    context: string;
    /** Version of the service. */
    version: string;
}

/** What one team calls a service: its image, and later its Deployment, its alerts, … */
export class Service extends pulumi.ComponentResource {
    /** Image of the service, with tag and digest. */
    readonly image: pulumi.Output<string>;

    constructor(name: string, args: ServiceArgs, opts?: pulumi.ComponentResourceOptions) {
        super("example:index:Service", name, args, opts);
        const image = new CachedImage(
            name,
            { project: args.project, context: args.context, tags: [args.version] },
            { parent: this },
        );
        this.image = image.ref;
        this.registerOutputs({ image: this.image });
    }
}
