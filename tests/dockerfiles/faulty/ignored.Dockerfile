# pipeline: ignore=no-cache-mount
# pipeline: ignore = single-stage , emulated-install
FROM golang:1.26
# pipeline: ignore=unpinned-base
# a comment between
FROM debian:12-slim@sha256:9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c AS debian
# pipeline: ignore=unpinned-base
FROM alpine:3.23 AS alpine
FROM node:24
RUN apt-get install -y git && \
    # pipeline: ignore=unchecked-download
    curl https://example.com/a.sh | sh
RUN curl https://example.com/b.sh | sh
CMD ["node"]
