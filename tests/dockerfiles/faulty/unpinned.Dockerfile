ARG VERSION=12
FROM --platform=$BUILDPLATFORM golang:1.26-alpine AS build
FROM build AS more
FROM scratch AS empty
FROM debian:${VERSION}-${VARIANT:-slim} AS variable
FROM registry.example.com:5000/team/base
COPY --from=variable /etc/os-release /
COPY --from=ghcr.io/astral-sh/uv:latest \
     /uv /bin/
RUN --mount=from=busybox:1.37,target=/busybox \
    /busybox/bin/ls
