FROM scratch
RUM x
