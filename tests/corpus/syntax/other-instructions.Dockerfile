FROM scratch
MAINTAINER someone
LABEL a=b "c d"="e f" g=\
h
EXPOSE 80 443/tcp
VOLUME ["/data", "/more"]
VOLUME /x /y
USER 1:2
SHELL ["/bin/bash", "-c"]
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=1m30s --timeout=.5s --retries=3 CMD curl x || exit 1
HEALTHCHECK NONE
CMD run this
ENTRYPOINT ["x"]
COPY go.mod /
