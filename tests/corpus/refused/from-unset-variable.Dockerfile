FROM scratch
FROM $nothing
