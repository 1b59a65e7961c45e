FROM --platform=$BUILDPLATFORM debian:12-slim@sha256:9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c AS build
COPY app.sh /usr/local/bin/app

FROM build AS final
CMD ["app"]
