FROM scratch
ENV a=docs b=$a
ENV c=$a/deep
COPY ./$b/go.mod $c /x/
