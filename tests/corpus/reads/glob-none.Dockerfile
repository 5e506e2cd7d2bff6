FROM scratch
COPY go.mod *.nothing /x/
