FROM --platform=$BUILDPLATFORM debian:12-slim@sha256:9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c AS build
COPY . /src
RUN cd /src && \
    # which compiler
    case "$(arch)" in \
      x86_64) suffix=amd64 ;; \
      aarch64) suffix=arm64 ;; \
    esac && \
    ./make.sh "$suffix" /out/app

FROM debian:12-slim@sha256:9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c
COPY --from=build /out/app /app
CMD ["/app"]
