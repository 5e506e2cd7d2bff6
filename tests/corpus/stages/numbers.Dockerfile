FROM scratch
COPY docs /docs
FROM scratch
COPY go.mod /
FROM scratch
COPY --from=1 /go.mod /x
