FROM --platform=${BUILDPLATFORM:-linux/amd64} golang:1.26@sha256:3c1e3c1e3c1e3c1e3c1e3c1e3c1e3c1e3c1e3c1e3c1e3c1e3c1e3c1e3c1e3c1e AS build
ARG TARGETARCH
COPY . /src
RUN --mount=type=cache,target=/root/.cache/go-build GOARCH=`go env GOARCH` go build -o /app /src

FROM gcr.io/distroless/static-debian12@sha256:e6f1e6f1e6f1e6f1e6f1e6f1e6f1e6f1e6f1e6f1e6f1e6f1e6f1e6f1e6f1e6f1
COPY --from=build /app /app
ENTRYPOINT ["/app"]
