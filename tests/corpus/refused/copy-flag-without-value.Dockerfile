FROM scratch
COPY --chown b c
