FROM scratch
COPY ./docs/../conf/./config.yaml /../conf//dev.yaml ../../../go.mod /x/
