FROM scratch
RUN echo $((1 << 2)) $((1<<3))
COPY go.mod /
