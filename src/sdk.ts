// The generated SDK decides what it exports, so the names are not listed here.
export * from "@pulumi/harbor";
