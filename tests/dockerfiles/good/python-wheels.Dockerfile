# syntax=docker/dockerfile:1
FROM python:3.13-slim@sha256:c0dec0dec0dec0dec0dec0dec0dec0dec0dec0dec0dec0dec0dec0dec0dec0de AS build
WORKDIR /app
COPY requirements.txt .
RUN --mount=type=cache,target=/root/.cache/pip \
    pip install --only-binary=:all: --target /site -r requirements.txt

FROM python:3.13-slim@sha256:c0dec0dec0dec0dec0dec0dec0dec0dec0dec0dec0dec0dec0dec0dec0dec0de
COPY --from=build /site /usr/local/lib/python3.13/site-packages
COPY app /app
COPY stubs/ /app/stubs/
USER 1000
ENTRYPOINT ["python", "-m", "app"]
