import { legacyRoutes } from "./legacy/legacy-routes.ts";
import { HostMetrics } from "./metrics/host-metrics.ts";
import type { FacadeParts } from "./parts.ts";
import { alarmRuleRoutes } from "./routes/alarm-rules.ts";
import { alarmRoutes } from "./routes/alarms.ts";
import { auditRoutes } from "./routes/audit.ts";
import { certificateRoutes } from "./routes/certificates.ts";
import { commandRoutes } from "./routes/commands.ts";
import { configurationRoutes } from "./routes/configurations.ts";
import { deviceRoutes } from "./routes/devices.ts";
import { registerDocs } from "./routes/docs.ts";
import { healthRoutes } from "./routes/health.ts";
import { historyRoutes } from "./routes/history.ts";
import { historyExportRoutes } from "./routes/history-export.ts";
import { liveRoutes } from "./routes/live.ts";
import { lockRoutes } from "./routes/locks.ts";
import { metricsRoutes } from "./routes/metrics.ts";
import { onboardingRoutes } from "./routes/onboarding.ts";
import { packageRoutes } from "./routes/packages.ts";
import { parameterRoutes } from "./routes/parameters.ts";
import { sessionRoutes } from "./routes/session.ts";
import { systemRoutes } from "./routes/system.ts";
import { templateRoutes } from "./routes/templates.ts";
import { testRoutes } from "./routes/tests.ts";
import { userCertificateRoutes } from "./routes/user-certificates.ts";
import { userRoutes } from "./routes/users.ts";
import type { Api } from "./server/api.ts";
import { type ApplicationOptions, createApplication } from "./server/application.ts";

/** The whole HTTP facade: routes only translate, what they do is in the fleet. */
export async function createFacade(
  parts: FacadeParts,
  options: Omit<ApplicationOptions, "access" | "log">,
): Promise<Api> {
  const { fleet, access, log } = parts;
  const app = await createApplication({ ...options, access, log });
  await registerDocs(app, parts.version);
  metricsRoutes(app, new HostMetrics(parts, () => parts.hub.counts()));
  await liveRoutes(app, { hub: parts.hub, corsOrigins: options.corsOrigins });
  legacyRoutes(app, parts);
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
      historyExportRoutes(api, parts);
      alarmRoutes(api, parts);
      alarmRuleRoutes(api, parts);
      auditRoutes(api, parts);
      userRoutes(api, parts);
      userCertificateRoutes(api, parts);
      certificateRoutes(api, parts);
      packageRoutes(api, parts);
      onboardingRoutes(api, fleet);
      systemRoutes(api, parts);
      done();
    },
    { prefix: "/api/v1" },
  );
  return app;
}
