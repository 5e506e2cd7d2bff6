FROM scratch AS a
RUN sh -c "cat <<EOF"
FROM a
COPY go.mod /
