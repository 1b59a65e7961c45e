FROM --platform=$BUILDPLATFORM nvidia/cuda:12.6.3-devel-ubuntu22.04@sha256:6b6d6b6d6b6d6b6d6b6d6b6d6b6d6b6d6b6d6b6d6b6d6b6d6b6d6b6d6b6d6b6d AS build
RUN ln -s /usr/local/cuda/lib64/stubs/libcuda.so /usr/local/cuda/lib64/stubs/libcuda.so.1
COPY app /out/app

FROM ubuntu:22.04@sha256:1f051f051f051f051f051f051f051f051f051f051f051f051f051f051f051f05
COPY --from=build /out/app /app
COPY --from=build \
     /usr/local/cuda/lib64/stubs/libcuda.so \
     /usr/lib/libcuda.so.1
CMD ["/app"]
