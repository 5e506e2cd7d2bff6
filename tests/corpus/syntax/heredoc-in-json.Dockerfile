FROM scratch
RUN ["cat", "<<EOF"]
COPY go.mod /
