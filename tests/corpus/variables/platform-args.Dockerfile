FROM scratch
ARG TARGETARCH TARGETOS
COPY conf/${TARGETOS}-${TARGETARCH}* /x/
# given: {"platform":"linux/amd64"}
