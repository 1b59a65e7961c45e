# syntax=docker/dockerfile:1
FROM debian:12-slim@sha256:9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c AS base

FROM --platform=linux/amd64 alpine:3.23@sha256:51fe51fe51fe51fe51fe51fe51fe51fe51fe51fe51fe51fe51fe51fe51fe51fe AS assets-amd64
RUN printf 'lanes=8\n' > /tuning

FROM --platform=linux/arm64 alpine:3.23@sha256:51fe51fe51fe51fe51fe51fe51fe51fe51fe51fe51fe51fe51fe51fe51fe51fe AS assets-arm64
RUN printf 'lanes=4\n' > /tuning

FROM assets-${TARGETARCH} AS assets

FROM base
COPY --from=assets /tuning /etc/app/tuning
# those of both platforms, for a program that serves them
COPY --from=assets-amd64 /tuning /srv/amd64/tuning
COPY --from=assets-arm64 /tuning /srv/arm64/tuning
COPY app.sh /usr/local/bin/
CMD ["app.sh"]
