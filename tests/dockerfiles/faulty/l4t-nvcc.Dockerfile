FROM nvcr.io/nvidia/l4t-base:r32.7.1@sha256:a5d3a5d3a5d3a5d3a5d3a5d3a5d3a5d3a5d3a5d3a5d3a5d3a5d3a5d3a5d3a5d3 AS build
COPY saxpy.cu /
RUN nvcc --version && \
    nvcc -arch=sm_53 -o /saxpy /saxpy.cu

FROM nvcr.io/nvidia/l4t-base:r32.7.1@sha256:a5d3a5d3a5d3a5d3a5d3a5d3a5d3a5d3a5d3a5d3a5d3a5d3a5d3a5d3a5d3a5d3
COPY --from=build /saxpy /saxpy
CMD ["/saxpy"]
