FROM scratch AS Build-It_1.x
COPY go.mod /
FROM scratch
COPY --from=BUILD-it_1.X /go.mod /x
