FROM debian:12-slim@sha256:9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c
RUN --mount=type=cache,target=/var/lib/apt \
    --mount=type=cache,id=apt-$TARGETARCH,target=/var/cache/apt \
    ls /var/cache/apt
ARG NAME=app-${TARGETVARIANT}-linux
ARG TARGETOS=${TARGETOS:-linux}
CMD ["ls"]
