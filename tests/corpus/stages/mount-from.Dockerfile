FROM scratch AS deps
COPY go.mod /
FROM scratch AS unused
COPY docs /
FROM scratch
RUN --mount=type=bind,from=deps,source=/go.mod,target=/go.mod use
