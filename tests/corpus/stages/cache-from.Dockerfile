FROM scratch AS warm
COPY go.sum /
FROM scratch
RUN --mount=type=cache,id=go,from=warm,target=/cache use
