FROM scratch
COPY conf logs /x/
