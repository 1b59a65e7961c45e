# syntax=docker/dockerfile:1
FROM --platform=linux/amd64 debian:12-slim@sha256:9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c AS app-amd64
COPY amd64/app /usr/local/bin/app

FROM --platform=linux/arm64 debian:12-slim@sha256:9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c AS app-arm64
COPY arm64/app /usr/local/bin/app

FROM app-${TARGETARCH}
CMD ["app"]
