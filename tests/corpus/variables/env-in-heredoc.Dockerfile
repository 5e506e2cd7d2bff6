FROM scratch
ENV dir=docs
COPY <<EOF $dir /x/
$dir
EOF
