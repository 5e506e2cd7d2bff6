FROM scratch
COPY --exclude=*.md --exclude=deep docs /x/
COPY --exclude=**/*.go . /y/
