FROM scratch
RUN --mount=source=go.mod,dst=/m --mount="type=bind,src=./docs/../cmd,destination=/c" build
