FROM scratch
COPY --parents docs/none.md /x/
