import { DataType, type StatusCode, Variant, VariantArrayType } from "node-opcua";
import type { AuditEvents } from "#opcua/audit-events.ts";
import type { Update } from "./history-update.ts";

/** Tells auditing clients of changes of history (OPC 10000-11, 5.6). */
export class HistoryAudit {
  readonly #events: AuditEvents;

  constructor(events: AuditEvents) {
    this.#events = events;
  }

  /** `kind`: the name of the details' data type. */
  told({ context, target, details }: Update, kind: string, statusCode: StatusCode): void {
    const { device, spec } = target;
    const about = shapes.get(kind);
    if (about === undefined) return;
    this.#events.historyChanged({
      context,
      nodeId: details.nodeId,
      statusCode,
      message: `history of ${spec.name} of ${device.id}: ${about.did}`,
      eventType: about.eventType,
      fields: about.fieldsOf(details),
    });
  }
}

interface Shape {
  readonly eventType: string;
  readonly did: string;
  readonly fieldsOf: (details: Update["details"]) => Record<string, Variant>;
}

const structures = (value: unknown): Variant =>
  new Variant({ dataType: DataType.DataValue, arrayType: VariantArrayType.Array, value: value ?? [] });
const time = (value: Date | undefined): Variant => new Variant({ dataType: DataType.DateTime, value: value ?? null });

const shapes: ReadonlyMap<string, Shape> = new Map<string, Shape>([
  [
    "UpdateDataDetails",
    {
      eventType: "AuditHistoryValueUpdateEventType",
      did: "values written",
      fieldsOf: ({ performInsertReplace = 0, updateValues }) => ({
        performInsertReplace: new Variant({ dataType: DataType.Int32, value: performInsertReplace }),
        newValues: structures(updateValues),
      }),
    },
  ],
  [
    "UpdateStructureDataDetails",
    {
      eventType: "AuditHistoryAnnotationUpdateEventType",
      did: "annotated",
      fieldsOf: ({ performInsertReplace = 0, updateValues }) => ({
        performInsertReplace: new Variant({ dataType: DataType.Int32, value: performInsertReplace }),
        newValues: structures(updateValues),
      }),
    },
  ],
  [
    "DeleteRawModifiedDetails",
    {
      eventType: "AuditHistoryRawModifyDeleteEventType",
      did: "values deleted",
      fieldsOf: ({ isDeleteModified = false, startTime, endTime }) => ({
        isDeleteModified: new Variant({ dataType: DataType.Boolean, value: isDeleteModified }),
        startTime: time(startTime),
        endTime: time(endTime),
      }),
    },
  ],
  [
    "DeleteAtTimeDetails",
    {
      eventType: "AuditHistoryAtTimeDeleteEventType",
      did: "values deleted",
      fieldsOf: ({ reqTimes }) => ({
        reqTimes: new Variant({
          dataType: DataType.DateTime,
          arrayType: VariantArrayType.Array,
          value: reqTimes ?? [],
        }),
      }),
    },
  ],
]);
