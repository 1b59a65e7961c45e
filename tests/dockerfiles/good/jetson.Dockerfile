# syntax=docker/dockerfile:1
FROM --platform=$BUILDPLATFORM nvidia/cuda:12.6.3-devel-ubuntu22.04@sha256:6b6d6b6d6b6d6b6d6b6d6b6d6b6d6b6d6b6d6b6d6b6d6b6d6b6d6b6d6b6d6b6d AS build
RUN rm -f /etc/apt/apt.conf.d/docker-clean
RUN --mount=type=cache,target=/var/cache/apt,sharing=locked \
    --mount=type=cache,target=/var/lib/apt,sharing=locked \
    apt-get update && apt-get install -y --no-install-recommends g++-aarch64-linux-gnu
WORKDIR /src
COPY . .
ENV LD_LIBRARY_PATH=/usr/local/cuda/lib64/stubs
RUN nvcc -ccbin aarch64-linux-gnu-g++ -arch=sm_87 -L/usr/local/cuda/lib64/stubs -lcuda \
    -o /out/saxpy saxpy.cu

FROM ubuntu:22.04@sha256:1f051f051f051f051f051f051f051f051f051f051f051f051f051f051f051f05
COPY --from=build /out/saxpy /usr/local/bin/saxpy
ENV LD_LIBRARY_PATH=/usr/local/cuda/lib64
ENTRYPOINT ["saxpy"]
