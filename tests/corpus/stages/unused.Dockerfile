FROM scratch AS tests
COPY docs /docs
FROM scratch AS lint
COPY cmd /cmd
FROM scratch
COPY go.mod /
