FROM scratch
RUN --mount=type=cache,\"id=a,b\",target=/c build
