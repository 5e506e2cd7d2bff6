FROM scratch
ARG where=conf kind=cache
ENV id=one
RUN --mount=type=bind,source=$where,target=/conf --mount=type=${kind},id=c-$id,target=/c build
