FROM scratch
COPY go.mod <<EOF
EOF
