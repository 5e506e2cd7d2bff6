FROM scratch
COPY ./${dir}/go.mod /x/
ARG dir=docs
COPY ./${dir}/a.md /y/
