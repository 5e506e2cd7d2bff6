import * as k8s from "@pulumi/kubernetes";
import { CachedImage, ImageProject } from "harbor-build";

const shop = new ImageProject("shop", {
    name: "example-kubernetes",
    // Caches contain source code, which the cluster's account must not read.
    cache: { project: "example-kubernetes-cache" },
});

const site = new CachedImage("site", {
    project: shop.project,
    context: "site",
    tagByContent: true,
});

// The login of the project's pull account, which can pull images and nothing else.
const pull = new k8s.core.v1.Secret("pull", {
    type: "kubernetes.io/dockerconfigjson",
    stringData: { ".dockerconfigjson": shop.pullSecret },
});

const labels = { app: "site" };

export const deployment = new k8s.apps.v1.Deployment("site", {
    spec: {
        selector: { matchLabels: labels },
        template: {
            metadata: { labels },
            spec: {
                imagePullSecrets: [{ name: pull.metadata.name }],
                // With tag and digest: the cluster runs exactly what this update built.
                containers: [{ name: "site", image: site.ref, ports: [{ containerPort: 8080 }] }],
            },
        },
    },
}).metadata.name;
