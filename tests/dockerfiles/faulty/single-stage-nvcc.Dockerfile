FROM nvidia/cuda:12.6.3-devel-ubuntu22.04@sha256:6b6d6b6d6b6d6b6d6b6d6b6d6b6d6b6d6b6d6b6d6b6d6b6d6b6d6b6d6b6d6b6d AS build
COPY saxpy.cu /
RUN nvcc -o /saxpy /saxpy.cu

FROM build
CMD ["/saxpy"]
