FROM scratch
COPY go.mod go.sum ./cmd/ /x/
