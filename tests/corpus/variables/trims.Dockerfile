FROM scratch
ARG file=a.docs.tar.gz
ARG path=x/y/docs
COPY ${path##*/} ${path#*/y/} /x/
ARG v=go.mod.bak
COPY ${v%.*} /y/
ARG w=go.sum.tar.gz
COPY ${w%%.tar*} /z/
