FROM scratch
COPY <<one <<"two" go.mod /x/
FROM here is no stage
one
COPY docs /nothing
two
COPY go.sum /
