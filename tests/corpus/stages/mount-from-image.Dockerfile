FROM scratch
RUN --mount=from=tools:2,target=/tools use
