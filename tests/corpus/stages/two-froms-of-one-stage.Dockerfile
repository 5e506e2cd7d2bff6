FROM scratch AS a
COPY go.mod /
FROM a AS b
COPY go.sum /
FROM a
COPY --from=b /go.sum /
