# syntax=docker/dockerfile:1
FROM --platform=$BUILDPLATFORM golang:1.26@sha256:3c1e3c1e3c1e3c1e3c1e3c1e3c1e3c1e3c1e3c1e3c1e3c1e3c1e3c1e3c1e3c1e AS base
WORKDIR /src
COPY . .

FROM base AS build-amd64
RUN --mount=type=cache,target=/root/.cache/go-build GOARCH=amd64 go build -tags avx -o /out/app .

FROM base AS build-arm64
RUN --mount=type=cache,target=/root/.cache/go-build GOARCH=arm64 go build -tags neon -o /out/app .

FROM build-$TARGETARCH AS build

FROM base AS clients
# for whoever downloads them from the image
RUN --mount=type=cache,target=/root/.cache/go-build \
    GOARCH=amd64 go build -o /out/client-amd64 ./client && \
    GOARCH=arm64 go build -o /out/client-arm64 ./client
RUN --mount=type=cache,target=/root/.cache/go-build GOOS=windows GOARCH=amd64 go build -o /out/client.exe ./client
RUN --mount=type=cache,target=/root/.cache/go-build GOOS=js GOARCH=wasm go build -o /out/client.wasm ./client

FROM base AS chosen
ARG TARGETPLATFORM
RUN --mount=type=cache,target=/root/.cache/go-build \
    if [ "$TARGETPLATFORM" = linux/arm64 ]; then export GOARCH=arm64; fi; go build -o /out/chosen ./chosen

FROM gcr.io/distroless/static-debian12@sha256:e6f1e6f1e6f1e6f1e6f1e6f1e6f1e6f1e6f1e6f1e6f1e6f1e6f1e6f1e6f1e6f1
COPY --from=build /out/app /usr/local/bin/
COPY --from=clients /out/ /srv/
COPY --from=chosen /out/chosen /usr/local/bin/
ENTRYPOINT ["/usr/local/bin/app"]
