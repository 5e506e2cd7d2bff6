ARG dir=docs
FROM scratch
ARG dir=conf
COPY $dir /x/
