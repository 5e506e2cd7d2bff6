FROM scratch
COPY conf/[a-c]*.yaml docs/?.md /x/
