FROM scratch
COPY --link=maybe go.mod c
