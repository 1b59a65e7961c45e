ARG VERSION=12
FROM --platform=$BUILDPLATFORM golang:1.26-alpine AS build
FROM build AS more
FROM scratch AS empty
FROM debian:${VERSION} AS variable
FROM registry.example.com:5000/team/base
COPY --from=variable /etc/os-release /
