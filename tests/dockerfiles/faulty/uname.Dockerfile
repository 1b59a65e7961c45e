FROM --platform=$BUILDPLATFORM alpine:3.23@sha256:51fe51fe51fe51fe51fe51fe51fe51fe51fe51fe51fe51fe51fe51fe51fe51fe AS fetch
RUN curl -fsSL \
      "https://example.com/app-$(uname -m).tar.gz" \
      | tar -xz -C /opt

FROM debian:12-slim@sha256:9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c
COPY --from=fetch /opt/app /usr/local/bin/app
CMD ["app"]
