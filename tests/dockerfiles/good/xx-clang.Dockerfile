# syntax=docker/dockerfile:1
FROM --platform=$BUILDPLATFORM tonistiigi/xx:1.9.0@sha256:4e704e704e704e704e704e704e704e704e704e704e704e704e704e704e704e70 AS xx

FROM --platform=$BUILDPLATFORM alpine:3.23@sha256:51fe51fe51fe51fe51fe51fe51fe51fe51fe51fe51fe51fe51fe51fe51fe51fe AS build
RUN apk add --no-cache clang lld
COPY --from=xx / /
WORKDIR /src
COPY . .
ARG TARGETPLATFORM
RUN xx-apk add --no-cache gcc musl-dev
RUN xx-clang --static -o /out/hello hello.c && \
    xx-verify --static /out/hello

FROM scratch
COPY --from=build /out/hello /hello
ENTRYPOINT ["/hello"]
