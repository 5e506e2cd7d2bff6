FROM scratch AS base
ONBUILD COPY docs /docs
FROM base AS middle
COPY go.mod /
FROM middle
COPY go.sum /
# given: {"target":"middle"}
