# syntax=docker/dockerfile:1
FROM debian:12-slim@sha256:9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c
ARG TARGETARCH
ARG NAME=app-$TARGETARCH LITERAL=\$TARGETOS
RUN --mount=type=cache,id=apt-$TARGETARCH,target=/var/cache/apt \
    ls "/var/cache/apt/$NAME"
CMD ["ls"]
