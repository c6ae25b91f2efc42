import type { FacadeParts } from "./parts.ts";
import { deviceRoutes } from "./routes/devices.ts";
import { healthRoutes } from "./routes/health.ts";
import { sessionRoutes } from "./routes/session.ts";
import type { Api } from "./server/api.ts";
import { type ApplicationOptions, createApplication } from "./server/application.ts";

/** The whole HTTP facade: routes only translate, what they do is in the fleet. */
export async function createFacade(
  parts: FacadeParts,
  options: Omit<ApplicationOptions, "access" | "log">,
): Promise<Api> {
  const { fleet, access, log } = parts;
  const app = await createApplication({ ...options, access, log });
  healthRoutes(app, parts.version, parts.health);
  await app.register(
    (api: Api, _options: unknown, done: () => void) => {
      sessionRoutes(api, parts, options.isTls);
      deviceRoutes(api, fleet);
      done();
    },
    { prefix: "/api/v1" },
  );
  return app;
}
