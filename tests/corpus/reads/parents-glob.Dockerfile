FROM scratch
COPY --parents **/*.md cmd/*/*.go /x/
