FROM scratch
ENV dir=docs
COPY assets/\$dir /x/
