FROM scratch AS src
COPY go.mod /
FROM scratch AS base
ONBUILD COPY --from=src /go.mod /here
ONBUILD COPY conf/*.yaml /conf/
FROM base
COPY go.sum /
