import { Type } from "typebox";
import type { Device } from "#fleet/device.ts";
import { LockStatus } from "#fleet/locks.ts";
import { HostError } from "#model/errors.ts";
import type { FleetParts } from "#rest/parts.ts";
import { deviceParams, failures, nullable, strict } from "#rest/schemas/common.ts";
import { DeviceLock } from "#rest/schemas/device.ts";
import type { Api } from "#rest/server/api.ts";
import { principalOf } from "#rest/server/caller.ts";
import { RequestRefused } from "#rest/status.ts";

const tags = ["locks"];
const url = "/devices/:id/lock";
const MaybeLock = Type.Object({ lock: nullable(DeviceLock) });
const lockBody = Type.Object(
  { context: Type.String({ maxLength: 200, default: "", description: "What for, for others to read" }) },
  strict,
);
const breakQuery = Type.Object(
  { break: Type.Boolean({ default: false, description: "True: takes somebody else's lock away" }) },
  strict,
);

/** Locks of devices: while one is held, only its session changes the device. */
export function lockRoutes(app: Api, fleet: FleetParts): void {
  const { registry, control } = fleet;
  const { locks } = control;
  const schema = { tags, params: deviceParams, response: { 200: MaybeLock, ...failures } };
  app.get(url, { config: { action: "device.read" }, schema: { ...schema, summary: "Who holds it" } }, ({ params }) =>
    lockOf(fleet, registry.get(params.id)),
  );
  app.post(
    url,
    { config: { action: "device.lock" }, schema: { ...schema, summary: "Lock it for this session", body: lockBody } },
    (request) => {
      const device = registry.get(request.params.id);
      if (locks.init(device, principalOf(request), request.body.context) === LockStatus.ok)
        return lockOf(fleet, device);
      throw new HostError("device-locked", `${device.id} is locked already, by ${locks.of(device)?.user ?? "nobody"}`);
    },
  );
  app.put(
    url,
    { config: { action: "device.lock" }, schema: { ...schema, summary: "Start the time of the lock again" } },
    (request) => {
      const device = registry.get(request.params.id);
      if (locks.renew(device, principalOf(request)) === LockStatus.ok) return lockOf(fleet, device);
      throw notLocked(device);
    },
  );
  app.delete(
    url,
    {
      config: { action: "device.lock" },
      schema: { ...schema, summary: "Give the lock back, or break it", querystring: breakQuery },
    },
    (request) => {
      const device = registry.get(request.params.id);
      const by = principalOf(request);
      const status = request.query.break ? locks.break(device, by) : locks.exit(device, by);
      if (status === LockStatus.ok) return lockOf(fleet, device);
      throw notLocked(device);
    },
  );
}

function lockOf({ control: { locks } }: FleetParts, device: Device) {
  const lock = locks.of(device);
  if (lock === undefined) return { lock: null };
  const { user, application, context } = lock;
  return { lock: { user, application, context, remainingMs: locks.remainingMs(device) } };
}

function notLocked(device: Device): RequestRefused {
  return new RequestRefused("thing-unknown", `${device.id} is not locked`);
}
