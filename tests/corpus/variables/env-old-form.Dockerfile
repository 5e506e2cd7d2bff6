FROM scratch
ENV dir docs
COPY $dir /x/
