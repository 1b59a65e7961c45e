FROM --platform=$BUILDPLATFORM golang:1.26@sha256:3c1e3c1e3c1e3c1e3c1e3c1e3c1e3c1e3c1e3c1e3c1e3c1e3c1e3c1e3c1e3c1e AS build
WORKDIR /src
COPY . .
RUN --mount=type=cache,target=/root/.cache/go-build go build -o /out/app .

FROM --platform=$BUILDPLATFORM alpine:3.23@sha256:51fe51fe51fe51fe51fe51fe51fe51fe51fe51fe51fe51fe51fe51fe51fe51fe AS pack
COPY --from=build /out/ /image/bin/
RUN printf 'arch=%s\n' "$(uname -m)" > /image/about

FROM --platform=$BUILDPLATFORM golang:1.26@sha256:3c1e3c1e3c1e3c1e3c1e3c1e3c1e3c1e3c1e3c1e3c1e3c1e3c1e3c1e3c1e3c1e AS mounted
RUN --mount=type=cache,target=/root/.cache/go-build go build -o /out/tool /src/tool

FROM debian:12-slim@sha256:9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c
COPY --from=pack /image/ /opt/app/
RUN --mount=from=mounted,source=/out,target=/built install /built/tool /usr/local/bin/
CMD ["/opt/app/bin/app"]
