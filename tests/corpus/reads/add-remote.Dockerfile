FROM scratch
ADD https://example.com/a.tar.gz https://example.com/repo.git#main /x/
ADD git@example.com:a/b.git /y/
COPY go.mod /
