FROM scratch
RUN --mount=type=bind,source=conf,target=/conf \
    --mount=target=/all,rw \
    --mount=type=cache,target=/root/.cache/go-build \
    --mount=type=cache,id=mod,target=/go/pkg/mod,sharing=locked \
    --mount=type=secret,id=token \
    --mount=type=secret,target=/run/x/npmrc,required=true \
    --mount=type=ssh \
    --mount=type=ssh,id=github,required \
    --mount=type=tmpfs,target=/tmp \
    build
