FROM --platform=$BUILDPLATFORM golang:1.26@sha256:3c1e3c1e3c1e3c1e3c1e3c1e3c1e3c1e3c1e3c1e3c1e3c1e3c1e3c1e3c1e3c1e AS base
ONBUILD WORKDIR /src
ONBUILD COPY . .
ONBUILD RUN --mount=type=cache,target=/root/.cache/go-build go build -o /out/app .
ONBUILD RUN echo $TARGETPLATFORM > /out/platform

FROM base AS build

FROM debian:12-slim@sha256:9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c
COPY --from=build /out/ /opt/app/
CMD ["/opt/app/app"]
