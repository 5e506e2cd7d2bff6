FROM --platform=$BUILDPLATFORM golang:1 AS build
ARG TARGETARCH
COPY cmd /cmd
RUN build $TARGETARCH
FROM scratch
COPY --from=build /out /
