FROM --platform=linux/amd64 debian:12-slim@sha256:9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c AS app-amd64
COPY app /usr/local/bin/app

FROM app-amd64
CMD ["app"]
