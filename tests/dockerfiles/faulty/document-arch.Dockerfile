FROM --platform=$BUILDPLATFORM debian:12-slim@sha256:9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c AS config
RUN cat <<EOF > /etc/app.conf
arch = $(uname -m)
literal = \$(dpkg --print-architecture)
EOF
RUN cat <<'EOF' > /etc/app.literal
arch = $(uname -m)
EOF

FROM debian:12-slim@sha256:9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c
COPY --from=config /etc/app.* /etc/
CMD ["app"]
