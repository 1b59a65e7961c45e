FROM --platform=$BUILDPLATFORM debian:12-slim@sha256:9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c AS build
ARG TARGETARCH
COPY . /src
RUN <<EOF
set -e
# the next line is the fault
ARCH=$(dpkg --print-architecture)
/src/assemble --arch "$ARCH" --out /out
EOF

FROM debian:12-slim@sha256:9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c
COPY --from=build /out /usr/local/bin
CMD ["app"]
