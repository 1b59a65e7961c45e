FROM --platform=$BUILDPLATFORM nginx:1.29@sha256:8c2f8c2f8c2f8c2f8c2f8c2f8c2f8c2f8c2f8c2f8c2f8c2f8c2f8c2f8c2f8c2f AS site
COPY dist /usr/share/nginx/html
