# As most people begin: every stage is of the platform that is built for.
ARG GO
FROM golang:${GO}-bookworm AS build
WORKDIR /src
ENV CGO_ENABLED=0
COPY . .
RUN go build -trimpath -ldflags="-s -w" -o /out/ ./cmd/server

FROM gcr.io/distroless/static-debian12:nonroot
COPY --from=build /out/ /usr/local/bin/
ENV PORT=8080
EXPOSE 8080
ENTRYPOINT ["/usr/local/bin/server"]
