FROM scratch
COPY *.md go.* /x/
