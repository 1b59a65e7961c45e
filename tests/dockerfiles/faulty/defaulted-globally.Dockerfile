ARG BUILDPLATFORM=linux/amd64
ARG TARGETARCH=${TARGETARCH:-amd64}
FROM --platform=$BUILDPLATFORM node:24@sha256:0d440d440d440d440d440d440d440d440d440d440d440d440d440d440d440d44 AS web
COPY . /web
RUN cd /web && npm run build

FROM nginx:1.29@sha256:8c2f8c2f8c2f8c2f8c2f8c2f8c2f8c2f8c2f8c2f8c2f8c2f8c2f8c2f8c2f8c2f
ARG TARGETPLATFORM="linux/arm64"
COPY --from=web /web/dist /usr/share/nginx/html
