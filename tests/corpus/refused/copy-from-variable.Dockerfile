ARG a=b
FROM scratch AS b
FROM scratch
COPY --from=$a b c
