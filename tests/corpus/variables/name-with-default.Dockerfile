ARG version
FROM alpine:${version:-3.20} AS a
COPY go.mod /
FROM a
