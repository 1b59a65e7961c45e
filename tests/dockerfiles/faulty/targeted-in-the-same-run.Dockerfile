FROM --platform=$BUILDPLATFORM golang:1.26@sha256:3c1e3c1e3c1e3c1e3c1e3c1e3c1e3c1e3c1e3c1e3c1e3c1e3c1e3c1e3c1e3c1e AS build
ARG TARGETOS TARGETARCH
WORKDIR /src
COPY . .
RUN echo "GOARCH=$TARGETARCH for the next"
RUN --mount=type=cache,target=/root/.cache/go-build \
    GOOS=$TARGETOS GOARCH=$TARGETARCH go build -o /out/app ./cmd/app && go build -o /out/migrate ./cmd/migrate
# what is set below does not count above
ENV GOARCH=$TARGETARCH

FROM gcr.io/distroless/static-debian12@sha256:e6f1e6f1e6f1e6f1e6f1e6f1e6f1e6f1e6f1e6f1e6f1e6f1e6f1e6f1e6f1e6f1
COPY --from=build /out/ /usr/local/bin/
ENTRYPOINT ["/usr/local/bin/app"]
