FROM scratch AS build
# given: {"target":"biuld"}
