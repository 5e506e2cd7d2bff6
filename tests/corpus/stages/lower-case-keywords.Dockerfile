from scratch as a
copy go.mod /
From scratch
Copy --from=a /go.mod /
