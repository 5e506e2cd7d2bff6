FROM scratch AS base
ENV dir=docs
ARG other=conf
FROM base
COPY $dir $other /x/
