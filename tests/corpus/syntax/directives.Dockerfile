# syntax=docker/dockerfile:1
# escape=\
# check=skip=all
FROM scratch
COPY go.mod /
