# check=error=true
FROM scratch
# check=skip=CopyIgnoredFile
COPY go.mod /
