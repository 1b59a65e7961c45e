FROM node:24-slim@sha256:0e550e550e550e550e550e550e550e550e550e550e550e550e550e550e550e55
COPY package.json package-lock.json /app/
WORKDIR /app
RUN --mount=type=cache,target=/root/.npm npm ci --omit=dev
COPY . .
CMD ["node", "index.js"]
