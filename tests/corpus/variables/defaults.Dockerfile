FROM scratch
ARG set=docs
ARG empty=
COPY ${unset:-go.mod} ${unset-go.sum} ${empty:-conf} ${set:-nothing} ${set:+cmd} ${unset:+no}README.md /x/
