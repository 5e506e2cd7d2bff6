FROM scratch
RUN --mount=type=bind,sorce=a,target=/x y
