# syntax=docker/dockerfile:1
FROM debian:12-slim@sha256:9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c
RUN echo '$TARGETOS' \$TARGETARCH "\$TARGETVARIANT" && awk '{ print $TARGETPLATFORM }' /etc/motd
RUN <<EOF
echo \$BUILDOS
cat <<'INNER'
$BUILDARCH
INNER
cat <<-INNER
	\$BUILDARCH
	INNER
EOF
RUN cat <<'EOF' > /run.sh
echo $TARGETOS
EOF
RUN python3 <<'EOF'
print("$TARGETARCH")
EOF
RUN <<EOF
#!/usr/bin/env python3
print("$TARGETARCH")
EOF
COPY '$TARGETOS' \$TARGETARCH /literal/
COPY <<'EOF' <<END /etc/
$TARGETOS
EOF
\$TARGETARCH
END
ENV A='$TARGETOS' B=\$TARGETARCH C="\$TARGETVARIANT"
LABEL a="it's" b='$TARGETOS'
CMD ["sh", "-c", "echo $TARGETARCH"]
