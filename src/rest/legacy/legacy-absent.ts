import type { Api } from "#rest/server/api.ts";
import { RequestRefused } from "#rest/status.ts";

const config = { action: "system.read", isLegacy: true } as const;

type Method = "GET" | "POST" | "PUT" | "DELETE";

interface AbsentRoute {
  readonly methods: readonly Method[];
  readonly urls: readonly string[];
  /** Why it has no answer here, and what to use in its place. */
  readonly instead: string;
}

const kafka = "this host has no Kafka: GET /metrics and /api/v1/system count what comes in, waits and is stored";
const applications =
  "this host keeps no register of applications: give each a user of its own (POST /api/v1/users) with the role it needs";
const messages =
  "this host keeps values, not messages: GET /api/v1/devices/{id}/history/{name}, or the live socket /ws";
const supervisor = "whoever runs the host starts and stops it; GET /health/ready tells whether it is there";

const absent: readonly AbsentRoute[] = [
  { methods: ["GET"], urls: ["/api/kafka/metrics", "/topics"], instead: kafka },
  { methods: ["GET", "POST"], urls: ["/api/applications"], instead: applications },
  { methods: ["GET", "POST", "PUT", "DELETE"], urls: ["/api/applications/*"], instead: applications },
  { methods: ["GET"], urls: ["/api/app-registry", "/api/app-registry/*"], instead: applications },
  { methods: ["GET"], urls: ["/api/messages", "/api/messages/*", "/api/stats"], instead: messages },
  {
    methods: ["GET"],
    urls: ["/api/metrics/latest", "/api/devices/:id/metrics", "/api/smart-breaker-data"],
    instead: "GET /api/devices/{id}/measurements, or /api/v1/devices/{id}/values, has the last values of a device",
  },
  {
    methods: ["GET"],
    urls: ["/api/timescale/aggregates"],
    instead: "GET /api/v1/devices/{id}/history/{name}/aggregate counts (aggregate=Count) over intervals of any length",
  },
  {
    methods: ["POST"],
    urls: ["/api/schemas/register"],
    instead: "schemas follow from device packages: POST /api/v1/packages takes one in",
  },
  {
    methods: ["POST"],
    urls: ["/api/devices/:id/configure"],
    instead: "POST /api/devices/{id}/parameter writes one setting, POST /api/v1/templates/{name}/apply all of them",
  },
  { methods: ["POST"], urls: ["/api/server/start", "/api/server/stop"], instead: supervisor },
];

/** Legacy routes whose matter does not exist here: each says so, and what to use in its place. */
export function legacyAbsentRoutes(app: Api): void {
  for (const { methods, urls, instead } of absent) {
    for (const url of urls) {
      app.route({
        method: [...methods],
        url,
        config,
        schema: { tags: ["legacy"], summary: "Not offered", description: `501 \`not-offered\`: ${instead}` },
        handler: () => {
          throw new RequestRefused("not-offered", instead);
        },
      });
    }
  }
}
