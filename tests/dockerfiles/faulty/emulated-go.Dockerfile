FROM golang:${GO_VERSION} AS base
FROM base AS build
WORKDIR /src
COPY . .
RUN --mount=type=cache,target=/root/.cache/go-build <<EOF
apt-get install -y git
go build -o /out/app .
EOF

FROM gcr.io/distroless/static-debian12@sha256:e6f1e6f1e6f1e6f1e6f1e6f1e6f1e6f1e6f1e6f1e6f1e6f1e6f1e6f1e6f1e6f1
COPY --from=build /out/app /app
ENTRYPOINT ["/app"]
