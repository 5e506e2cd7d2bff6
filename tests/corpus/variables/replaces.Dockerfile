FROM scratch
ARG v=co-nf
COPY ${v/-/} /x/
ARG w=d_o_c_s
COPY ${w//_/} /y/
