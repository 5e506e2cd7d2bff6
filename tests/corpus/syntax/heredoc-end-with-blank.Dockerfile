FROM scratch
COPY <<EOF /x
EOF 
 EOF
EOF
COPY go.mod /
