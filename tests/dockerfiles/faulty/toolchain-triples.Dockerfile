FROM --platform=linux/$BUILDARCH debian:12-slim@sha256:9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c AS build
ARG TARGETARCH
COPY . /src
RUN ["bash", "-c", "/src/configure --host=$(gcc -dumpmachine) --prefix=/out"]
RUN echo "$(rustc -vV | sed -n 's/host: //p')" > /out/triple

FROM debian:12-slim@sha256:9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c9b2c
COPY --from=build /out /opt/app
CMD ["/opt/app/bin/app"]
