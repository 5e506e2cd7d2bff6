FROM scratch
COPY --parents --exclude=docs/deep **/*.md /x/
