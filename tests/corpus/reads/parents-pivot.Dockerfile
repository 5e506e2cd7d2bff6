FROM scratch
COPY --parents docs/./deep/b.md /x/
