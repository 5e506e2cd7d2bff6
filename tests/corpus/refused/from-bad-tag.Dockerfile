FROM alpine:a:b
