FROM scratch AS base
ONBUILD COPY <<EOF go.mod /x/
hello
EOF
FROM base
