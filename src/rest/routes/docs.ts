import swagger from "@fastify/swagger";
import swaggerUi from "@fastify/swagger-ui";
import type { Api } from "#rest/server/api.ts";

const description = `The fleet over HTTP: the same users, roles and command path as over OPC UA.

Log in with \`POST /api/v1/login\` and send the token as \`Authorization: Bearer TOKEN\`. Every failure has a stable \`code\` and
a sentence. Live data: WebSocket \`/ws\` (docs/rest.md).`;

/** What the pages of the description may load and run: their own files, over whatever the host is reached by. */
const pagePolicy =
  "default-src 'none'; base-uri 'none'; connect-src 'self'; form-action 'none'; frame-ancestors 'none'; " +
  "img-src 'self' data:; script-src 'self'; style-src 'self'";

/** The description of the API, made from the schemas of its routes: before them, because it listens as they come. */
export async function registerDocs(app: Api, version: string): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: "3.1.0",
      info: { title: "fdi-host", version, description },
      components: {
        securitySchemes: {
          bearer: { type: "http", scheme: "bearer" },
          cookie: { type: "apiKey", in: "cookie", name: "fdi-session" },
        },
      },
      security: [{ bearer: [] }, { cookie: [] }],
    },
  });
  await app.register(swaggerUi, { routePrefix: "/docs", staticCSP: pagePolicy });
}
