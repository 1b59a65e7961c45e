FROM --platform=$BUILDPLATFORM alpine:3.23@sha256:51fe51fe51fe51fe51fe51fe51fe51fe51fe51fe51fe51fe51fe51fe51fe51fe AS fetch
ADD https://example.com/model.bin /model.bin
ADD --chmod=0644 \
    https://example.com/labels.txt \
    /labels.txt

FROM debian:12-slim@sha256:9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c
COPY --from=fetch /model.bin /labels.txt /data/
CMD ["app"]
