FROM scratch
ONBUILD ENV a=b
ONBUILD RUN x
COPY go.mod /
