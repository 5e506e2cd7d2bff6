FROM scratch AS a
RUN 3<<EOF cat
FROM evil AS no
EOF
FROM a
COPY go.mod /
