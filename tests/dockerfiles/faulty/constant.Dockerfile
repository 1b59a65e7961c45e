FROM --platform=linux/amd64 node:24@sha256:0d440d440d440d440d440d440d440d440d440d440d440d440d440d440d440d44 AS web
COPY . /web
RUN cd /web && npm run build

FROM nginx:1.29@sha256:8c2f8c2f8c2f8c2f8c2f8c2f8c2f8c2f8c2f8c2f8c2f8c2f8c2f8c2f8c2f8c2f
COPY --from=web /web/dist /usr/share/nginx/html
