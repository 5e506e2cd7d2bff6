FROM scratch
COPY conf/[^c]*.yaml /x/
