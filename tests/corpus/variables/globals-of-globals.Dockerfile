ARG one=do
ARG two=${one}cs three="unused"
FROM scratch AS a
ARG two
COPY $two /x/
