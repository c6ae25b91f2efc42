import { Type } from "typebox";
import { deviceSortKeys, switchPositions } from "#fleet/device-list.ts";
import { presenceStates } from "#fleet/ports.ts";
import { protocols } from "#model/protocol.ts";
import { JsonValue, MaybeTime, nullable, paging, strict, Time } from "./common.ts";

export const Presence = Type.Object({
  state: Type.Enum([...presenceStates]),
  since: MaybeTime,
  lastSeen: MaybeTime,
  reason: Type.String(),
  nextRetry: MaybeTime,
});

export const DeviceSummary = Type.Object({
  id: Type.String(),
  type: Type.String({ description: "Name of the device type" }),
  package: Type.String({ description: "id@revision" }),
  manufacturer: Type.String(),
  model: Type.String(),
  protocol: Type.Enum([...protocols]),
  address: Type.String(),
  presence: Type.Enum([...presenceStates]),
  lastSeen: MaybeTime,
  position: Type.Enum([...switchPositions], {
    description: "Of the main contacts, as far as the device vouches for it",
  }),
});

export const DeviceLock = Type.Object({
  user: Type.String(),
  application: Type.String(),
  context: Type.String(),
  remainingMs: Type.Number(),
});

export const Nameplate = Type.Object({
  manufacturer: Type.String(),
  manufacturerUri: Type.String(),
  model: Type.String(),
  productCode: Type.String(),
  description: Type.String(),
  deviceClass: Type.String(),
  deviceRevision: Type.String(),
  softwareRevision: Type.String(),
  productInstanceUri: Type.String(),
  assetId: Type.String({ description: "The plant's own number for it, given by people" }),
  componentName: Type.String({ description: "What the plant calls it; its own name until somebody says so" }),
  revisionCounter: Type.Integer({ description: "Changes of settings so far" }),
  properties: Type.Record(Type.String(), JsonValue, { description: "What the device itself says, by parameter name" }),
});

const tagText = Type.Optional(Type.String({ maxLength: 256 }));

/** What people call a device; what is absent stays. */
export const DeviceTag = Type.Object({ assetId: tagText, componentName: tagText }, strict);

export const DeviceDetail = Type.Object({
  ...DeviceSummary.properties,
  presence: Presence,
  ways: Type.Array(Type.Object({ protocol: Type.Enum([...protocols]), address: Type.String() }), {
    description: "Further ways to the device",
  }),
  lock: nullable(DeviceLock),
  parameters: Type.Integer(),
  commands: Type.Array(Type.String()),
  templates: Type.Array(Type.String()),
  tests: Type.Array(Type.String()),
  traffic: nullable(
    Type.Object({ accepted: Type.Integer(), rejected: Type.Integer(), lastProblem: nullable(Type.String()) }),
  ),
});

export const deviceQuery = Type.Object(
  {
    search: Type.Optional(Type.String({ maxLength: 100, description: "Part of name, address, type or model" })),
    presence: Type.Optional(Type.Array(Type.Enum([...presenceStates]), { maxItems: 5 })),
    protocol: Type.Optional(Type.Enum([...protocols])),
    type: Type.Optional(Type.String({ maxLength: 200 })),
    package: Type.Optional(Type.String({ maxLength: 200 })),
    position: Type.Optional(Type.Enum([...switchPositions])),
    sort: Type.Enum([...deviceSortKeys], { default: "id" }),
    order: Type.Enum(["asc", "desc"], { default: "asc" }),
    ...paging,
  },
  strict,
);

export const LiveValue = Type.Object({
  name: Type.String(),
  value: JsonValue,
  text: Type.Optional(Type.String({ description: "Name of the value, where it has one" })),
  unit: Type.Optional(Type.String()),
  quality: Type.Enum(["good", "uncertain", "bad"]),
  status: Type.Integer({ description: "StatusCode of OPC UA" }),
  time: MaybeTime,
});

export const LiveValues = Type.Object({ device: Type.String(), at: Time, values: Type.Array(LiveValue) });

export const valuesQuery = Type.Object(
  {
    parameters: Type.Optional(Type.Array(Type.String({ maxLength: 200 }), { maxItems: 500 })),
    group: Type.Optional(Type.String({ maxLength: 200, description: "Functional group, with those below it" })),
  },
  strict,
);
