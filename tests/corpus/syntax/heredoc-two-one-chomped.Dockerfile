FROM scratch
RUN cat <<-one <<two
	one
	two
RUN no
two
COPY go.mod /
