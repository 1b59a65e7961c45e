# syntax=docker/dockerfile:1
FROM --platform=$BUILDPLATFORM alpine:3.23@sha256:51fe51fe51fe51fe51fe51fe51fe51fe51fe51fe51fe51fe51fe51fe51fe51fe AS docs
WORKDIR /site
# tools that run in this stage, which is for the build host, and stay outside of what is copied
RUN curl -fsSL https://example.com/book-$(uname -m).tgz | tar xz -C /usr/local/bin
RUN wget -q https://example.com/less-$(uname -m).apk && apk add --no-cache ./less-*.apk && rm less-*.apk
WORKDIR html
COPY docs .
RUN book build

FROM nginx:1.29@sha256:8c2f8c2f8c2f8c2f8c2f8c2f8c2f8c2f8c2f8c2f8c2f8c2f8c2f8c2f8c2f8c2f
COPY --from=docs /site/ /usr/share/nginx/
