ARG dir=docs
FROM scratch
COPY ./${dir}go.mod /x/
