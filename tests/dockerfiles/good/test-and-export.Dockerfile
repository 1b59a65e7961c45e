# syntax=docker/dockerfile:1
ARG BASE=scratch
ARG BUILDPLATFORM=${BUILDPLATFORM:-linux/amd64}
FROM --platform=${BUILDPLATFORM} golang:1.26@sha256:3c1e3c1e3c1e3c1e3c1e3c1e3c1e3c1e3c1e3c1e3c1e3c1e3c1e3c1e3c1e3c1e AS base
WORKDIR /src
COPY . .

FROM base AS lint
RUN --mount=type=cache,target=/root/.cache/go-build go vet ./...

FROM base AS test
SHELL ["/bin/bash", "-o", "pipefail", "-c"]
RUN --mount=type=cache,target=/root/.cache/go-build go test ./... | tee /test.log

FROM base AS build
ARG TARGETOS=linux
ARG TARGETARCH
ARG TARGETVARIANT
ENV GOOS=${TARGETOS} GOARCH=${TARGETARCH}
RUN --mount=type=cache,target=/root/.cache/go-build \
    GOARM="${TARGETVARIANT#v}" go build -trimpath -o "/out/$TARGETARCH/app" .

FROM ${BASE} AS export
ARG TARGETARCH
COPY --from=build /out/$TARGETARCH/app /
