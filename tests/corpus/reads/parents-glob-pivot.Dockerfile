FROM scratch
COPY --parents d*/./**/b.md /x/
