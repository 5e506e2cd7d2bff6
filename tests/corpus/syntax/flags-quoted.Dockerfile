FROM scratch AS b
COPY go.mod /
FROM scratch
COPY --from="b" --chown='1:2' /go.mod /x/
RUN --mount="type=bind,source=with space,target=/x" build
