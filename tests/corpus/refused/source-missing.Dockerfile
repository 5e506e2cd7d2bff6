FROM scratch
COPY nowhere /x/
