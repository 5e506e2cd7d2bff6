FROM scratch
COPY linkdir/deep /x/
