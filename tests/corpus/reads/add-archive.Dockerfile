FROM scratch
ADD assets/logo.txt conf /x/
