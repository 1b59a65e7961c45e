FROM nvcr.io/nvidia/l4t-base:r35.4.1@sha256:b7e2b7e2b7e2b7e2b7e2b7e2b7e2b7e2b7e2b7e2b7e2b7e2b7e2b7e2b7e2b7e2 AS build
RUN --mount=type=cache,target=/var/cache/apt \
    apt-get update && apt-get install -y libopencv
COPY saxpy.cu /
RUN /usr/local/cuda/bin/nvcc -arch=sm_87 -o /saxpy /saxpy.cu

FROM ubuntu:22.04@sha256:1f051f051f051f051f051f051f051f051f051f051f051f051f051f051f051f05
COPY --from=build /saxpy /saxpy
CMD ["/saxpy"]
