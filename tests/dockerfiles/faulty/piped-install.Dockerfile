FROM --platform=$BUILDPLATFORM debian:12-slim@sha256:9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c AS tools
RUN set -eux; \
    curl -fsSL https://example.com/install.sh \
      | tee /install.log \
      | bash -s -- --yes
RUN sh -c "$(wget -qO- https://example.org/setup)"
RUN bash <(curl -s https://example.net/get)
RUN curl -sSL https://example.com/poetry.py | python3 -
RUN curl -fsSL https://example.com/key.asc | gpg --dearmor -o /key.gpg
RUN curl -fsSL https://example.com/data.json | python3 -m json.tool > /data.json
ONBUILD RUN wget -O - https://example.com/child.sh | sh

FROM debian:12-slim@sha256:9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c
COPY --from=tools /data.json /
CMD ["cat", "/data.json"]
