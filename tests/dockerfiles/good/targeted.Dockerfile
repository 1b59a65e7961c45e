# syntax=docker/dockerfile:1
FROM --platform=$BUILDPLATFORM golang:1.26@sha256:3c1e3c1e3c1e3c1e3c1e3c1e3c1e3c1e3c1e3c1e3c1e3c1e3c1e3c1e3c1e3c1e AS by-arg
ARG TARGETARCH
ARG GOARCH=$TARGETARCH
RUN --mount=type=cache,target=/root/.cache/go-build go build -o /app .

FROM --platform=$BUILDPLATFORM golang:1.26@sha256:3c1e3c1e3c1e3c1e3c1e3c1e3c1e3c1e3c1e3c1e3c1e3c1e3c1e3c1e3c1e3c1e AS by-export
ARG TARGETARCH
RUN --mount=type=cache,target=/root/.cache/go-build \
    case "$TARGETARCH" in amd64) export GOARCH=amd64 ;; *) export GOARCH=arm64 ;; esac && \
    go build -o /app .

FROM --platform=$BUILDPLATFORM rust:1.91@sha256:77aa77aa77aa77aa77aa77aa77aa77aa77aa77aa77aa77aa77aa77aa77aa77aa AS by-option
ARG TARGETARCH
ENV CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER=aarch64-linux-gnu-gcc
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    cargo build --release --target "$(cat /triples/$TARGETARCH)"

FROM --platform=$BUILDPLATFORM rust:1.91@sha256:77aa77aa77aa77aa77aa77aa77aa77aa77aa77aa77aa77aa77aa77aa77aa77aa AS by-file
COPY <<END /usr/local/cargo/config.toml
[build]
target = "aarch64-unknown-linux-gnu"
END
RUN --mount=type=cache,target=/usr/local/cargo/registry cargo build --release

FROM gcr.io/distroless/static-debian12@sha256:e6f1e6f1e6f1e6f1e6f1e6f1e6f1e6f1e6f1e6f1e6f1e6f1e6f1e6f1e6f1e6f1
COPY --from=by-arg /app /app
COPY --from=by-export /app /app2
COPY --from=by-option /out/tool /tool
COPY --from=by-file /out/tool /tool2
ENTRYPOINT ["/app"]
