from --platform=$BUILDPLATFORM golang:1.26@sha256:3c1e3c1e3c1e3c1e3c1e3c1e3c1e3c1e3c1e3c1e3c1e3c1e3c1e3c1e3c1e3c1e as Build
arg TARGETOS
run --mount=type=cache,target=/root/.cache/go-build go build -o /app .

From --platform=linux/amd64 alpine:3.23@sha256:51fe51fe51fe51fe51fe51fe51fe51fe51fe51fe51fe51fe51fe51fe51fe51fe As assets
copy assets /assets

from debian:12-slim@sha256:9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c
copy --from=0 /app /usr/local/bin/
copy --from=1 /assets /assets
onbuild run --mount=from=BUILD,target=/x ls /x/$TARGETARCH
env ARCH=$TARGETARCH
cmd ["app"]
