FROM scratch
COPY link.yaml /x/
COPY linkdir /y/
