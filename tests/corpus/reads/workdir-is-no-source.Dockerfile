FROM scratch
WORKDIR /docs
COPY go.mod .
WORKDIR deep
COPY go.sum .
