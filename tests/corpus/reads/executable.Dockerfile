FROM scratch
COPY --chmod=0644 --link scripts /x/
