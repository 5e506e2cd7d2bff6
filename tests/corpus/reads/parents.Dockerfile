FROM scratch
COPY --parents ./docs/deep/b.md conf /x/
