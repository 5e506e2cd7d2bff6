FROM scratch
RUN cat << EOF
FROM no
EOF
COPY go.mod /
