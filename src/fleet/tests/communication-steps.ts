import type { Device } from "#fleet/device.ts";
import type { DeviceTransport } from "#fleet/ports.ts";
import type { PresenceBoard } from "#fleet/presence.ts";
import type { RunStep } from "./test-run.ts";

/** How long a device that works may be silent. */
const telemetryMs = 15_000;

/** The host's own test of the way to a device: the broker, the device's presence, and fresh values. */
export function communicationSteps(
  device: Device,
  presence: PresenceBoard,
  transportOf: (device: Device) => DeviceTransport | undefined,
): RunStep[] {
  return [
    {
      name: "Transport",
      expected: `${device.protocol} is connected`,
      run: () => {
        const health = transportOf(device)?.health();
        const detail = health?.detail ?? `no ${device.protocol} transport is running`;
        return Promise.resolve({ verdict: health?.connected === true ? "passed" : "failed", detail });
      },
    },
    {
      name: "Presence",
      expected: "the device is online",
      run: () => {
        const { state, reason } = presence.of(device);
        const verdict = state === "online" ? "passed" : "failed";
        return Promise.resolve({ verdict, detail: `${state}: ${reason}` });
      },
    },
    {
      name: "Telemetry",
      expected: `new values within ${telemetryMs} ms`,
      run: async (run) => {
        const before = run.messages;
        const arrived = await run.until(() => run.messages > before, telemetryMs);
        const detail = arrived ? "new values arrived" : `no values within ${telemetryMs} ms`;
        return { verdict: arrived ? "passed" : "failed", detail };
      },
    },
  ];
}
