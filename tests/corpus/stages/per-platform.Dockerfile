FROM scratch AS base-amd64
COPY go.mod /
FROM scratch AS base-arm64
COPY go.sum /
FROM base-${TARGETARCH}
COPY conf/config.yaml /
# given: {"platform":"linux/amd64"}
