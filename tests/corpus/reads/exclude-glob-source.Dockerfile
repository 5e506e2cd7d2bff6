FROM scratch
COPY --exclude=*.md docs* /x/
