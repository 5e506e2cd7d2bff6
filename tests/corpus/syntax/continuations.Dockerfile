FROM scratch
COPY go.mod \
# a comment in between
     go.sum \

     docs \   
     /x/
