FROM scratch
ENV dir=docs
ARG dir=conf
COPY $dir /x/
