import { Type } from "typebox";
import type { PartHealth } from "#rest/parts.ts";
import type { Api } from "#rest/server/api.ts";

const config = { isPublic: true } as const;
const tags = ["health"];

const Part = Type.Object({ name: Type.String(), ready: Type.Boolean(), detail: Type.String() });
const Ready = Type.Object({ status: Type.Enum(["ready", "not ready"]), parts: Type.Array(Part) });

/** Whether the host lives, and whether it is ready to serve; for whoever supervises it, without a login. */
export function healthRoutes(app: Api, version: string, health: () => readonly PartHealth[]): void {
  const Live = Type.Object({ status: Type.Literal("live"), version: Type.String() });
  app.get(
    "/health/live",
    { config, schema: { tags, summary: "200 while the process lives", security: [], response: { 200: Live } } },
    () => ({ status: "live" as const, version }),
  );
  const Healthy = Type.Object({ status: Type.Enum(["healthy", "unhealthy"]), service: Type.Literal("fdi-host") });
  app.get(
    "/health",
    {
      config,
      schema: { tags, summary: "The same in one word", security: [], response: { 200: Healthy, 503: Healthy } },
    },
    (_request, reply) => {
      const ready = health().every((part) => part.ready);
      reply.code(ready ? 200 : 503);
      return { status: ready ? ("healthy" as const) : ("unhealthy" as const), service: "fdi-host" as const };
    },
  );
  app.get(
    "/health/ready",
    {
      config,
      schema: {
        tags,
        summary: "200 while everything the host needs is up",
        security: [],
        response: { 200: Ready, 503: Ready },
      },
    },
    (_request, reply) => {
      const parts = health().map(({ name, ready, detail }) => ({ name, ready, detail }));
      const ready = parts.every((part) => part.ready);
      reply.code(ready ? 200 : 503);
      return { status: ready ? ("ready" as const) : ("not ready" as const), parts };
    },
  );
}
