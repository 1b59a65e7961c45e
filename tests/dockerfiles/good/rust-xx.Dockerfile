# syntax=docker/dockerfile:1
ARG RUST_VERSION=1.91
FROM --platform=$BUILDPLATFORM tonistiigi/xx:1.9.0@sha256:4e704e704e704e704e704e704e704e704e704e704e704e704e704e704e704e70 AS xx

FROM --platform=$BUILDPLATFORM rust:${RUST_VERSION}-alpine@sha256:77aa77aa77aa77aa77aa77aa77aa77aa77aa77aa77aa77aa77aa77aa77aa77aa AS build
RUN apk add --no-cache clang lld musl-dev
COPY --from=xx / /
WORKDIR /src
ARG TARGETPLATFORM
RUN --mount=type=bind,target=. \
    --mount=type=cache,target=/usr/local/cargo/registry <<EOF
set -e
xx-cargo build --release --target-dir /target
install -D "/target/$(xx-cargo --print-target-triple)/release/app" /out/app
xx-verify /out/app
EOF

FROM gcr.io/distroless/cc-debian12@sha256:ab19ab19ab19ab19ab19ab19ab19ab19ab19ab19ab19ab19ab19ab19ab19ab19
COPY --from=build /out/app /app
CMD ["/app"]
