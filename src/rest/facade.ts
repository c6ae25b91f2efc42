import type { FacadeParts } from "./parts.ts";
import { commandRoutes } from "./routes/commands.ts";
import { configurationRoutes } from "./routes/configurations.ts";
import { deviceRoutes } from "./routes/devices.ts";
import { healthRoutes } from "./routes/health.ts";
import { historyRoutes } from "./routes/history.ts";
import { lockRoutes } from "./routes/locks.ts";
import { parameterRoutes } from "./routes/parameters.ts";
import { sessionRoutes } from "./routes/session.ts";
import { systemRoutes } from "./routes/system.ts";
import { templateRoutes } from "./routes/templates.ts";
import { testRoutes } from "./routes/tests.ts";
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
      parameterRoutes(api, fleet);
      commandRoutes(api, fleet);
      lockRoutes(api, fleet);
      testRoutes(api, fleet);
      configurationRoutes(api, fleet);
      templateRoutes(api, fleet);
      historyRoutes(api, parts);
      systemRoutes(api, parts);
      done();
    },
    { prefix: "/api/v1" },
  );
  return app;
}
