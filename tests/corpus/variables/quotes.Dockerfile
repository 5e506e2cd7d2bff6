FROM scratch
ENV a="do"'cs' b='$a' c="\"x" d=a\ b
COPY "$a" /x/
COPY ./$b/../../go.mod /y/
