FROM scratch
RUN echo $((1<<3)) $((2>>1))
COPY go.mod /
