FROM ubuntu:22.04@sha256:1f051f051f051f051f051f051f051f051f051f051f051f051f051f051f051f05 AS base
ENV PATH=/opt/bin:$PATH \
    LD_LIBRARY_PATH=/usr/local/cuda/lib64:/usr/local/cuda/lib64/stubs

FROM base
COPY cuda/ /usr/local/cuda/
RUN ls /usr/local/cuda && \
    cp /usr/local/cuda/compat/libcuda.so.1 /usr/lib/
RUN rm -f /usr/lib/libcudart.so /usr/local/cuda/lib64/stubs/libcuda.so
CMD ["/app"]
