import type { StepOutcome } from "../../src/buildkit/history";
import { ImageState, type RunReport, type Step } from "../../src/report/model";

const step = (
    id: string,
    stage: string | undefined,
    text: string,
    [state, ms]: readonly [StepOutcome, number],
    inputs: readonly string[] = [],
): Step => ({ id, stage, text, state, ms, inputs, isBase: text.startsWith("FROM ") });

const cached = ["cached", 0] as const;

/** A run with an image in every state. */
export const sampleRun: RunReport = {
    project: "shop",
    stack: "dev",
    isPreview: false,
    faults: [],
    images: [
        {
            component: "fm",
            name: "fm-app",
            stage: undefined,
            state: ImageState.Built,
            references: ["harbor.example.com/shop/fm:1.4.2"],
            digest: `sha256:${"ab12".repeat(16)}`,
            causes: ["the files or the Dockerfile that it reads changed"],
            cache: "dev exists (sha256:ce71f26458c3…)",
            bytes: 12_400_000,
            bytesBefore: 11_200_000,
            ms: 24_230,
            startMs: 400,
            saves: {
                startMs: 25_000,
                ms: 4100,
                mounts: [{ id: "/go/pkg/mod", result: "saved", bytes: 23_700_000, ms: 800 }],
            },
            build: {
                imports: [{ reference: "harbor.example.com/shop/fm/cache:dev", error: "" }],
                exports: [step("8", undefined, "exporting to image", ["ran", 2100])],
                mounts: [{ id: "/go/pkg/mod", result: "restored", bytes: 12_000_000, ms: 600 }],
                spans: [
                    { kind: "base", startMs: 100, ms: 900 },
                    { kind: "restore", startMs: 1000, ms: 600 },
                    { kind: "steps", startMs: 1600, ms: 19_820 },
                    { kind: "push", startMs: 21_500, ms: 2100 },
                ],
                steps: [
                    step("1", "build", "FROM docker.io/library/golang:1.26", ["ran", 0]),
                    step("2", "build", "RUN go mod download", cached, ["1"]),
                    step("3", "build", "COPY cmd ./cmd", ["ran", 120], ["2"]),
                    step("4", "build", "RUN go build -o app ./cmd", ["ran", 19_400], ["3"]),
                    step("5", "zones", "RUN apk add tzdata", cached),
                    step("6", "stage-2", "COPY --from=zones /zone /etc/localtime", cached, ["5"]),
                    step("7", "stage-2", "COPY --from=build /app .", ["ran", 300], ["6", "4"]),
                ],
            },
        },
        {
            component: "web",
            name: "web-app",
            stage: undefined,
            state: ImageState.Failed,
            references: ["harbor.example.com/shop/web:7"],
            causes: ["build argument VERSION changed"],
            cache: "dev is missing",
            startMs: 500,
            ms: 3000,
            error: 'process "/bin/sh -c npm run build" did not complete successfully: exit code: 1',
            build: {
                imports: [
                    { reference: "harbor.example.com/shop/web/cache:dev", error: "not found" },
                ],
                exports: [],
                mounts: [],
                spans: [{ kind: "steps", startMs: 0, ms: 2900 }],
                steps: [
                    step("1", "deps", "RUN npm ci", ["ran", 2000]),
                    step("2", "build", "RUN npm run build", ["failed", 900], ["1"]),
                    step("3", "stage-2", "COPY --from=build /dist /srv", ["stopped", 0], ["2"]),
                ],
            },
        },
        ...[ImageState.Unchanged, ImageState.Waiting, ImageState.Planned].map((state) => ({
            component: state,
            name: `${state}-app`,
            stage: undefined,
            state,
            references: [`harbor.example.com/shop/${state}:1`],
            causes: [],
        })),
    ],
};
