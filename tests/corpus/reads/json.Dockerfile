FROM scratch
COPY ["with space/a file.txt", "go.mod", "/x/"]
