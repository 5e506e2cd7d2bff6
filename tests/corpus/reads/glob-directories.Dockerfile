FROM scratch
COPY */deep* c* /x/
