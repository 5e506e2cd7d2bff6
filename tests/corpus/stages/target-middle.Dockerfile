FROM scratch AS a
COPY go.mod /
FROM a AS Middle
COPY go.sum /
FROM scratch
COPY docs /
# given: {"target":"middle"}
