FROM --platform=$TARGETPLATFORM node:24@sha256:0d440d440d440d440d440d440d440d440d440d440d440d440d440d440d440d44 AS web
COPY . /web
WORKDIR /web
RUN --mount=type=cache,target=/root/.npm npm ci && npm run build

FROM nginx:1.29@sha256:8c2f8c2f8c2f8c2f8c2f8c2f8c2f8c2f8c2f8c2f8c2f8c2f8c2f8c2f8c2f8c2f
COPY --from=web /web/dist /usr/share/nginx/html
