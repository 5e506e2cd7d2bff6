FROM scratch
COPY linkdir/*.md linkabs /y/
