FROM scratch
ARG dir=docs
COPY $dir /x/
