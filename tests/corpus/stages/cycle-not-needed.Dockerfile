FROM scratch AS a
COPY --from=c x y
FROM a AS b
FROM scratch AS c
COPY --from=b x y
FROM scratch
COPY go.mod /
