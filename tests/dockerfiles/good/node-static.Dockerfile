# syntax=docker/dockerfile:1
# What the browser gets is the same for every platform.
FROM --platform=$BUILDPLATFORM node:24@sha256:0d440d440d440d440d440d440d440d440d440d440d440d440d440d440d440d44 AS web
WORKDIR /web
COPY package.json package-lock.json ./
RUN --mount=type=cache,target=/root/.npm npm ci
COPY . .
RUN npm run build

FROM nginx:1.29@sha256:8c2f8c2f8c2f8c2f8c2f8c2f8c2f8c2f8c2f8c2f8c2f8c2f8c2f8c2f8c2f8c2f
COPY --from=web /web/dist /usr/share/nginx/html
