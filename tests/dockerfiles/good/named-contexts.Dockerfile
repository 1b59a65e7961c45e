# syntax=docker/dockerfile:1
# docker buildx build --build-context assets=../assets --build-context wheels=docker-image://…
FROM debian:12-slim@sha256:9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c
COPY --from=assets /logo.svg /srv/
RUN --mount=type=bind,from=wheels,target=/wheels cp /wheels/app /usr/local/bin/
CMD ["app"]
