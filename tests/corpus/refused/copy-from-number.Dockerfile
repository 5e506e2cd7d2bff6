FROM scratch
COPY --from=1 b c
