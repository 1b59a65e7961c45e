FROM debian:12-slim@sha256:9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c AS files
ARG TARGETPLATFORM
COPY dist/$TARGETPLATFORM/ /dist/

FROM debian:12-slim@sha256:9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c
COPY --from=files /dist/ /opt/
COPY config/${TARGETOS}/app.conf \
     config/${TARGETARCH}/tuning.conf \
     /etc/app/
ENV APP_PLATFORM=$TARGETPLATFORM
LABEL variant="${TARGETVARIANT}"
COPY <<EOF /etc/app/platform
$BUILDPLATFORM
EOF
COPY <<'EOF' /etc/app/literal
$BUILDARCH
EOF
CMD ["/opt/app"]
