FROM scratch
ARG dir=docs
COPY ${dir} /x/
# given: {"buildArgs":{"dir":"conf"}}
