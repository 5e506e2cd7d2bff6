FROM scratch AS a
COPY --from=a b c
