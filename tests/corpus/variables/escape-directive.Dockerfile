# escape=`
FROM scratch
ENV dir=docs
COPY $dir `
     go.mod `
     /x/
