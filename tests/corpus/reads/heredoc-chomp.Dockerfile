FROM scratch
COPY <<-EOF /x
	COPY docs /
	EOF
COPY go.sum /
