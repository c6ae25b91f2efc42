import { Type } from "typebox";
import type { HostMetrics } from "#rest/metrics/host-metrics.ts";
import { failures } from "#rest/schemas/common.ts";
import type { Api } from "#rest/server/api.ts";

/** `/metrics` for Prometheus, which logs in with a bearer token or with HTTP Basic. */
export function metricsRoutes(app: Api, metrics: HostMetrics): void {
  app.get(
    "/metrics",
    {
      config: { action: "system.read", takesBasic: true },
      schema: {
        tags: ["system"],
        summary: "Counters for Prometheus",
        produces: ["text/plain"],
        response: { 200: Type.String(), ...failures },
      },
    },
    async (_request, reply) =>
      reply
        .type(metrics.contentType)
        .serializer(String)
        .send(await metrics.text()),
  );
  app.addHook("onClose", (_instance, done) => {
    metrics.clear();
    done();
  });
}
