# syntax=docker/dockerfile:1
# escape=\
FROM --platform=$BUILDPLATFORM debian:12-slim@sha256:9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c AS build
ARG TARGETARCH
RUN rm -f /etc/apt/apt.conf.d/docker-clean
RUN --mount=type=cache,target=/var/cache/apt,sharing=locked \
    --mount=type=cache,target=/var/lib/apt,sharing=locked \
    # the packages of another architecture only where it is another
    if [ "$(dpkg --print-architecture)" != "$TARGETARCH" ]; then \
        dpkg --add-architecture "$TARGETARCH"; \
    fi && \
    apt-get update && apt-get install -y --no-install-recommends \
        build-essential crossbuild-essential-arm64 "libssl-dev:$TARGETARCH"
WORKDIR /src
COPY . .
RUN case "$TARGETARCH" in \
        amd64) triple=x86_64-linux-gnu ;; \
        arm64) triple=aarch64-linux-gnu ;; \
        *) echo "no compiler for $TARGETARCH" >&2; exit 1 ;; \
    esac && \
    make CC="$triple-gcc" && install -D app /out/app

FROM debian:12-slim@sha256:9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c
COPY --link --from=build /out/app /usr/local/bin/app
CMD ["app"]
