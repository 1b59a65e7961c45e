# syntax=docker/dockerfile:1
FROM --platform=$BUILDPLATFORM golang:1.26@sha256:3c1e3c1e3c1e3c1e3c1e3c1e3c1e3c1e3c1e3c1e3c1e3c1e3c1e3c1e3c1e3c1e AS generator
RUN --mount=type=cache,target=/root/.cache/go-build go build -o /bin/generate ./generate

FROM --platform=$BUILDPLATFORM golang:1.26@sha256:3c1e3c1e3c1e3c1e3c1e3c1e3c1e3c1e3c1e3c1e3c1e3c1e3c1e3c1e3c1e3c1e AS build
ARG TARGETOS TARGETARCH
WORKDIR /src
COPY . .
# a tool of another stage, and tools of this one: all run here, and are not copied into the image
COPY --from=generator /bin/generate /usr/local/bin/
RUN --mount=type=cache,target=/root/.cache/go-build \
    go build -o /tmp/stringer ./internal/stringer && go build ./internal/embed && \
    generate && /tmp/stringer && ./embed && \
    GOOS=$TARGETOS GOARCH=$TARGETARCH go build -o app .
RUN --mount=type=cache,target=/root/.cache/go-build go build std
RUN --mount=type=cache,target=/root/.cache/go-build \
    env GOARCH=$TARGETARCH sh -c 'go build -o worker ./cmd/worker'
RUN --mount=type=cache,target=/root/.cache/go-build \
    export GOOS=$TARGETOS GOARCH=$TARGETARCH; for name in one two; do go build -o "/out/$name" "./cmd/$name"; done

FROM --platform=$BUILDPLATFORM rust:1.91@sha256:77aa77aa77aa77aa77aa77aa77aa77aa77aa77aa77aa77aa77aa77aa77aa77aa AS rust
WORKDIR /src
RUN cat <<END > /usr/local/cargo/config.toml
[build]
target = "aarch64-unknown-linux-gnu"
END
RUN --mount=type=cache,target=/usr/local/cargo/registry cargo build --release

# a tool that is copied along with the folder that it is in
FROM --platform=$BUILDPLATFORM golang:1.26@sha256:3c1e3c1e3c1e3c1e3c1e3c1e3c1e3c1e3c1e3c1e3c1e3c1e3c1e3c1e3c1e3c1e AS site
ARG TARGETARCH
WORKDIR /site
RUN --mount=type=cache,target=/root/.cache/go-build go build -o render ./render && ./render
RUN --mount=type=cache,target=/root/.cache/go-build GOARCH=$TARGETARCH go build -o server .

FROM gcr.io/distroless/static-debian12@sha256:e6f1e6f1e6f1e6f1e6f1e6f1e6f1e6f1e6f1e6f1e6f1e6f1e6f1e6f1e6f1e6f1
COPY --from=build /src/app /src/worker /out/* /usr/local/bin/
COPY --from=rust /src/target/aarch64-unknown-linux-gnu/release/tool /usr/local/bin/
COPY --from=site /site /site
ENTRYPOINT ["/usr/local/bin/app"]
