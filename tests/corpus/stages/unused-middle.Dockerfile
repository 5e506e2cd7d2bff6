FROM scratch AS a
COPY go.mod /
FROM scratch AS tests
COPY docs /docs
FROM scratch
COPY --from=a /go.mod /x
