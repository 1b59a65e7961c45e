# syntax=docker/dockerfile:1
ARG TOOL_VERSION=3.1.0
FROM --platform=$BUILDPLATFORM debian:12-slim@sha256:9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c AS fetch
ARG TOOL_VERSION TARGETARCH BUILDARCH
ADD --checksum=sha256:24454f830cdb571e2c4ad15481119c43b3cafd48dd869a9b2945d1036d1dc68d \
    https://example.com/data.tar.gz /data.tar.gz
ADD https://github.com/example/scripts.git#v1.2.0 /scripts
# a tool that runs in this stage, so for the architecture of the build host
RUN curl -fsSL -o /usr/local/bin/unpack "https://example.com/unpack-$(uname -m)" && \
    echo "fetching for $TARGETARCH on $(uname -m)"
RUN echo "deb [arch=$(dpkg --print-architecture)] https://example.com/debian stable main" \
    > /etc/apt/sources.list.d/example.list
RUN <<'EOF'
curl -fsSL "https://example.com/tool-${TOOL_VERSION}-linux-${TARGETARCH}.tar.gz" -o /tool.tar.gz
sha256sum -c /scripts/sums
mkdir /out && tar -C /out -xzf /tool.tar.gz
EOF

FROM scratch
COPY --from=fetch /out/ /usr/local/bin/
COPY <<EOF /etc/tool.conf
arch = auto
EOF
ENTRYPOINT ["tool"]
