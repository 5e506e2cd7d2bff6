FROM scratch AS build
COPY go.mod /
FROM scratch
COPY docs /
# given: {"target":"BUILD"}
