import type { FacadeParts } from "#rest/parts.ts";
import type { Api } from "#rest/server/api.ts";
import { legacyAbsentRoutes } from "./legacy-absent.ts";
import { legacyAlarmRoutes } from "./legacy-alarms.ts";
import { legacyDeviceRoutes } from "./legacy-devices.ts";
import { legacyHistoryRoutes } from "./legacy-history.ts";
import { legacyHostRoutes } from "./legacy-host.ts";
import { legacySchemaRoutes } from "./legacy-schemas.ts";

/** The routes of the platforms before, with their shapes: for tools that were written against them. */
export function legacyRoutes(app: Api, parts: FacadeParts): void {
  legacyDeviceRoutes(app, parts.fleet);
  legacyHostRoutes(app, parts);
  legacyAlarmRoutes(app, parts);
  legacyHistoryRoutes(app, parts);
  legacySchemaRoutes(app, parts);
  legacyAbsentRoutes(app);
}
