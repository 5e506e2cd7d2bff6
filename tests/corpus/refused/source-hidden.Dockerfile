FROM scratch
COPY go.mod secrets/key.pem /x/
