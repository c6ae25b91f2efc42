import { HostError } from "./errors.ts";

declare const brand: unique symbol;
export type Brand<T, Name extends string> = T & { readonly [brand]: Name };

/** The name of a device: its OPC UA NodeId identifier, its REST path segment and its history key. */
export type DeviceId = Brand<string, "DeviceId">;

/** Milliseconds since 1970-01-01T00:00:00Z. */
export type EpochMs = number;

// No `/ + #` (MQTT topics and our NodeIds use them), no control characters, ASCII only: what people type into tag lists.
const deviceIdPattern = /^[A-Za-z0-9](?:[A-Za-z0-9 ._:@-]{0,62}[A-Za-z0-9._:@-])?$/;

export function isDeviceId(text: string): text is DeviceId {
  return deviceIdPattern.test(text);
}

/** Validates a device name; throws `argument-invalid` with the rule. */
export function deviceId(text: string): DeviceId {
  if (isDeviceId(text)) return text;
  const shown = JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}...` : text);
  throw new HostError(
    "argument-invalid",
    `${shown} is not a device name: expected 1 to 64 letters, digits or . _ : @ - (spaces inside)`,
  );
}
