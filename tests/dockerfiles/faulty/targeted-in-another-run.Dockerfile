FROM --platform=$BUILDPLATFORM golang:1.26@sha256:3c1e3c1e3c1e3c1e3c1e3c1e3c1e3c1e3c1e3c1e3c1e3c1e3c1e3c1e3c1e3c1e AS go
ARG TARGETOS TARGETARCH
WORKDIR /src
COPY . .
RUN --mount=type=cache,target=/root/.cache/go-build \
    GOOS=$TARGETOS GOARCH=$TARGETARCH go build -o /out/app ./cmd/app
RUN --mount=type=cache,target=/root/.cache/go-build go build -o /out/migrate ./cmd/migrate
RUN --mount=type=cache,target=/root/.cache/go-build export GOARCH=$TARGETARCH && go build ./cmd/one
RUN --mount=type=cache,target=/root/.cache/go-build go build ./cmd/two

FROM --platform=$BUILDPLATFORM rust:1.91@sha256:77aa77aa77aa77aa77aa77aa77aa77aa77aa77aa77aa77aa77aa77aa77aa77aa AS rust
ARG TARGETARCH
WORKDIR /src
RUN --mount=type=cache,target=/usr/local/cargo/registry cargo build --release --target "$(cat /triples/$TARGETARCH)"
RUN --mount=type=cache,target=/usr/local/cargo/registry cargo build --release --package helper
RUN apt-get update && apt-get download libc6-dev-arm64-cross gcc-aarch64-linux-gnu
RUN gcc -o /out/probe probe.c

FROM gcr.io/distroless/static-debian12@sha256:e6f1e6f1e6f1e6f1e6f1e6f1e6f1e6f1e6f1e6f1e6f1e6f1e6f1e6f1e6f1e6f1
COPY --from=go /out/ /src/one /src/two /usr/local/bin/
COPY --from=rust /src/target/aarch64-unknown-linux-gnu/release/tool /src/target/release/helper /out/probe /usr/local/bin/
ENTRYPOINT ["/usr/local/bin/app"]
