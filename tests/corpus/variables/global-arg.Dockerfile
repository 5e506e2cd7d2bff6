ARG dir=docs
FROM scratch
ARG dir
COPY $dir /x/
