# syntax=docker/dockerfile:1
ARG VERSION
ARG RELEASE=12-slim
ARG BASE=debian:${RELEASE}@sha256:9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c
ARG TARGETARCH=${TARGETARCH:-amd64}
FROM debian:${VERSION} AS given
FROM example.com/base:${TARGETARCH} AS one-a-platform

FROM ${BASE}
COPY --from=given /etc/os-release /given
COPY --from=1 /etc/os-release /one
COPY --from=ghcr.io/astral-sh/uv:0.9@sha256:9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c /uv /bin/
RUN --mount=from=given,target=/given-root cat /given-root/etc/hostname
CMD ["uv"]
