FROM python:3.13-slim@sha256:c0dec0dec0dec0dec0dec0dec0dec0dec0dec0dec0dec0dec0dec0dec0dec0de AS build
COPY requirements.txt .
RUN --mount=type=cache,target=/root/.cache \
    pip3 install -r requirements.txt && \
    pip3.13 --no-input wheel --wheel-dir /wheels -r requirements.txt && \
    python3 -m \
      pip install numpy

FROM python:3.13-slim@sha256:c0dec0dec0dec0dec0dec0dec0dec0dec0dec0dec0dec0dec0dec0dec0dec0de
COPY --from=build /usr/local/lib/python3.13 /usr/local/lib/python3.13
CMD ["python", "-m", "app"]
