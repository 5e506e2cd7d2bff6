FROM scratch
COPY link* /x/
