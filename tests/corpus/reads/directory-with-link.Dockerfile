FROM scratch
COPY links /x/
