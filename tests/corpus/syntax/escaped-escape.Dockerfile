FROM scratch
COPY go.mod x\\
COPY docs /y/
