FROM scratch AS a
COPY go.mod /
FROM a AS b
FROM scratch AS a
COPY go.sum /
FROM b
COPY --from=a /go.sum /
