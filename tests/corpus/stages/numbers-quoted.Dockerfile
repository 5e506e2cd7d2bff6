FROM scratch
FROM scratch
COPY go.mod /
FROM scratch
COPY --from="1" --chown=1:1 /go.mod /x
