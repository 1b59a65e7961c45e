FROM --platform=$BUILDPLATFORM rust:1.91@sha256:77aa77aa77aa77aa77aa77aa77aa77aa77aa77aa77aa77aa77aa77aa77aa77aa AS base
WORKDIR /src

FROM base AS build
COPY . .
RUN --mount=type=cache,target=/usr/local/cargo/registry cargo build --release
RUN gcc -O2 -o /out/helper helper.c

FROM gcr.io/distroless/cc-debian12@sha256:ab19ab19ab19ab19ab19ab19ab19ab19ab19ab19ab19ab19ab19ab19ab19ab19
COPY --from=build /src/target/release/app /out/helper /usr/local/bin/
ENTRYPOINT ["/usr/local/bin/app"]
