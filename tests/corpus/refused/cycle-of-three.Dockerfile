FROM scratch AS a
COPY --from=c x y
FROM scratch AS b
COPY --from=a x y
FROM scratch AS c
COPY --from=b x y
FROM scratch
COPY go.mod /
