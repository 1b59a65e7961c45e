FROM debian:12-slim@sha256:9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c
RUN cat <<EOF > /etc/app.conf
os = '$TARGETOS'
literal = \$TARGETPLATFORM
EOF
RUN <<'EOF'
cat <<INNER > /etc/arch
$TARGETARCH
INNER
cat <<'INNER' > /etc/literal
$TARGETPLATFORM
INNER
EOF
RUN bash <<EOF
echo "\$TARGETVARIANT" > /etc/variant
EOF
RUN eval 'echo $BUILDOS' && bash -c "echo \$BUILDARCH"
RUN python3 <<'EOF'
print("$TARGETPLATFORM")
EOF
COPY <<EOF /etc/quoted
"'$BUILDVARIANT'" \$TARGETPLATFORM
EOF
CMD ["cat", "/etc/app.conf"]
