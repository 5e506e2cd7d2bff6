FROM scratch
HEALTHCHECK --interval=soon CMD x
