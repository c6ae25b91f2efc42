# Two stages: the first installs exactly what the lock file says, the second has no package manager's leftovers and no root.
FROM node:24.21.0-bookworm-slim AS dependencies
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# No install script is needed: the Node that the scripts would bring is the one of this image.
RUN npm ci --omit=dev --ignore-scripts && rm -rf node_modules/node node_modules/node-bin-*

FROM node:24.21.0-bookworm-slim
ENV NODE_ENV=production FDI_HOST_DATA=/var/lib/fdi-host
WORKDIR /app
COPY --from=dependencies /app/node_modules ./node_modules
COPY package.json LICENSE ./
COPY nodesets ./nodesets
COPY fdi-packages ./fdi-packages
COPY simulator ./simulator
COPY src ./src
# The folder belongs to the user before it becomes a volume, so that a new volume does, too.
RUN mkdir -p /var/lib/fdi-host && chown node:node /var/lib/fdi-host
VOLUME /var/lib/fdi-host
USER node
EXPOSE 4840 8080
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 \
  CMD ["node", "-e", "fetch('http://127.0.0.1:8080/health/ready').then((a) => process.exit(a.ok ? 0 : 1), () => process.exit(1))"]
# Node itself gets the signals: it stops in order on SIGTERM.
CMD ["node", "src/app/main.ts", "--config", "/etc/fdi-host/host.yaml"]
