FROM rust:1.91@sha256:77aa77aa77aa77aa77aa77aa77aa77aa77aa77aa77aa77aa77aa77aa77aa77aa AS build
COPY . /src
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    cd /src && cargo build --release

FROM gcr.io/distroless/cc-debian12@sha256:ab19ab19ab19ab19ab19ab19ab19ab19ab19ab19ab19ab19ab19ab19ab19ab19
COPY --from=build /src/target/release/app /app
ENTRYPOINT ["/app"]
