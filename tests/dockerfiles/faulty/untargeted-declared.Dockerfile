FROM --platform=$BUILDPLATFORM golang:1.26@sha256:3c1e3c1e3c1e3c1e3c1e3c1e3c1e3c1e3c1e3c1e3c1e3c1e3c1e3c1e3c1e3c1e AS build
ARG TARGETARCH
WORKDIR /src
COPY . .
RUN --mount=type=cache,id=go-$TARGETARCH,target=/root/.cache/go-build go build -o /app .

FROM --platform=$BUILDPLATFORM rust:1.91@sha256:77aa77aa77aa77aa77aa77aa77aa77aa77aa77aa77aa77aa77aa77aa77aa77aa AS rust
ARG TARGETPLATFORM
RUN --mount=type=cache,target=/usr/local/cargo/registry cargo build --target-dir /out && echo "$TARGETPLATFORM"
RUN cc -o /out/helper helper.c

FROM gcr.io/distroless/static-debian12@sha256:e6f1e6f1e6f1e6f1e6f1e6f1e6f1e6f1e6f1e6f1e6f1e6f1e6f1e6f1e6f1e6f1
COPY --from=build /app /app
COPY --from=rust /out/release/tool /out/helper /usr/local/bin/
ENTRYPOINT ["/app"]
