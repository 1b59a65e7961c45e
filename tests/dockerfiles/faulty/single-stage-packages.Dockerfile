FROM debian:12-slim@sha256:9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c AS tool
COPY tool.sh /tool.sh

FROM python:3.13-slim@sha256:c0dec0dec0dec0dec0dec0dec0dec0dec0dec0dec0dec0dec0dec0dec0dec0de
RUN --mount=type=cache,target=/var/cache/apt \
    apt-get update && \
    apt-get install -y --no-install-recommends \
        libpq5 \
        libpq-dev gcc=4:12.2.0-3
COPY --from=tool /tool.sh /usr/local/bin/
RUN apk add --virtual .build gcc && apk del .build
ENTRYPOINT ["tool.sh"]
