FROM scratch
ENV dir=docs
ARG dir
COPY $dir /x/
