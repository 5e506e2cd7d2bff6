FROM node:22 AS deps
COPY go.mod go.sum ./
RUN install
FROM deps AS build
COPY cmd ./cmd
RUN build
FROM scratch
COPY --from=build /out /out
