FROM scratch
RUN echo it's <<EOF
COPY go.mod /
