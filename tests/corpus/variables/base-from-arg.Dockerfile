ARG base=left
FROM scratch AS left
COPY go.mod /
FROM scratch AS right
COPY go.sum /
FROM ${base}
COPY docs /
# given: {"buildArgs":{"base":"right"}}
