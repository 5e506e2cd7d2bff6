import * as pulumi from "@pulumi/pulumi";
import { ComponentProvider } from "./provider";

// Pulumi's Node.js language host loads this folder as a plugin.
void pulumi.provider.main(new ComponentProvider(__dirname), process.argv.slice(2));
