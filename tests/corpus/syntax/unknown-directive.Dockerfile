# version=1
# escape=`
FROM scratch
COPY go.mod \
  /x/
