FROM scratch
ADD --keep-git-dir=x go.mod /x/
