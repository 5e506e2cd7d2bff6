# a comment
# escape=`
FROM scratch
COPY go.mod \
  /x/
