FROM scratch
COPY go.mod \
  /x/
COPY <<EOF /y
hi
EOF
COPY go.sum /
