FROM a:1 AS base
FROM base AS left
COPY go.mod /l
FROM base AS right
COPY go.sum /r
FROM scratch
COPY --from=left /l /l
COPY --from=right /r /r
