FROM scratch AS a
COPY docs /
FROM scratch AS b
COPY conf /
COPY --from=a /deep /
# given: {"target":"a"}
