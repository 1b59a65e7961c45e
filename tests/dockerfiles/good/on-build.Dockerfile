# syntax=docker/dockerfile:1
FROM --platform=$BUILDPLATFORM golang:1.26@sha256:3c1e3c1e3c1e3c1e3c1e3c1e3c1e3c1e3c1e3c1e3c1e3c1e3c1e3c1e3c1e3c1e AS base
ONBUILD ARG TARGETOS TARGETARCH
ONBUILD COPY . /src
ONBUILD RUN --mount=type=cache,target=/root/.cache/go-build \
    cd /src && GOOS=$TARGETOS GOARCH=$TARGETARCH go build -o /out/app .

FROM base AS build

FROM gcr.io/distroless/static-debian12@sha256:e6f1e6f1e6f1e6f1e6f1e6f1e6f1e6f1e6f1e6f1e6f1e6f1e6f1e6f1e6f1e6f1
COPY --from=build /out/app /usr/local/bin/
# for images that are made from this one: their own stage decides
ONBUILD RUN echo "$TARGETARCH"
ENTRYPOINT ["/usr/local/bin/app"]
