FROM --platform=$BUILDPLATFORM python:3.13-slim@sha256:c0dec0dec0dec0dec0dec0dec0dec0dec0dec0dec0dec0dec0dec0dec0dec0de AS docs
RUN apt-get update && \
    apt-get install -y graphviz && rm -rf /var/lib/apt/lists/*
RUN pip install --no-cache-dir sphinx
COPY . /src
RUN --mount=type=bind,source=package.json,target=/src/package.json \
    cd /src && npm ci
RUN cargo fetch
RUN sphinx-build /src /html

FROM nginx:1.29@sha256:8c2f8c2f8c2f8c2f8c2f8c2f8c2f8c2f8c2f8c2f8c2f8c2f8c2f8c2f8c2f8c2f
COPY --from=docs /html /usr/share/nginx/html
