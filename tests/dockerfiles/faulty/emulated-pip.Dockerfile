FROM python:3.13-slim@sha256:c0dec0dec0dec0dec0dec0dec0dec0dec0dec0dec0dec0dec0dec0dec0dec0de AS build
COPY requirements.txt .
RUN --mount=type=cache,target=/root/.cache \
    python3 -m pip install -r requirements.txt && \
    uv pip install -r requirements.txt

FROM python:3.13-slim@sha256:c0dec0dec0dec0dec0dec0dec0dec0dec0dec0dec0dec0dec0dec0dec0dec0de
COPY --from=build /usr/local/lib/python3.13 /usr/local/lib/python3.13
CMD ["python", "-m", "app"]
