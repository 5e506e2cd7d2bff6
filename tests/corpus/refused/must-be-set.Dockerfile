FROM scratch
COPY ${a:?needed} /x/
