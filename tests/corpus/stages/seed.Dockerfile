FROM golang:1.26 AS build
ENV CGO_ENABLED=0 GOOS=linux
WORKDIR /src
COPY . /src
# strip symbols
RUN go build -ldflags="-s -w" -o app ./cmd/main.go

FROM alpine:3.20
WORKDIR /root
COPY --from=build /usr/share/zoneinfo/Asia/Shanghai /etc/localtime
COPY --from=build /src/app .
COPY  ./conf/config.yaml /root/conf/
ENTRYPOINT  ["./app"]
