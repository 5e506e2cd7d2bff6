FROM scratch
COPY assets/page[[]1].txt /x/
