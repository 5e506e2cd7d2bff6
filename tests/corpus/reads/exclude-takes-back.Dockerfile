FROM scratch
COPY --exclude=*.yaml --exclude=!config.yaml conf /x/
