FROM scratch
ARG a=docs b=$a/deep c
COPY $b $a/${c}a.md /x/
# given: {"buildArgs":{"c":"./"}}
