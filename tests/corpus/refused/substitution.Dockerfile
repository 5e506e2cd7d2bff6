FROM scratch
COPY ${a go.mod /x/
