import {
  AttributeIds,
  type CallMethodResult,
  type ClientMonitoredItem,
  type ClientSubscription,
  type ContentFilterOptions,
  coerceNodeId,
  DataType,
  EventFilter,
  LocalizedText,
  NodeId,
  SimpleAttributeOperand,
  TimestampsToReturn,
  type Variant,
  type VariantLike,
} from "node-opcua-client";
import type { ScadaClient } from "./opcua-client.ts";
import { until } from "./until.ts";

/** MethodIds of the condition types (OPC 10000-9). */
export const conditionMethodIds = {
  ConditionRefresh: "i=3875",
  ConditionRefresh2: "i=12912",
  Enable: "i=9027",
  Disable: "i=9028",
  AddComment: "i=9029",
  Acknowledge: "i=9111",
  Confirm: "i=9113",
  Suppress: "i=16403",
  Unsuppress: "i=17868",
  RemoveFromService: "i=17869",
  PlaceInService: "i=17870",
  Reset: "i=18199",
  TimedShelve: "i=2949",
  Unshelve: "i=2947",
  OneShotShelve: "i=2948",
} as const;
export type ConditionMethod = keyof typeof conditionMethodIds;

/** What an operator's alarm list asks for. */
const fieldNames = [
  "EventId",
  "EventType",
  "SourceNode",
  "SourceName",
  "Message",
  "Severity",
  "ConditionName",
  "ConditionClassName",
  "BranchId",
  "Retain",
  "EnabledState/Id",
  "ActiveState/Id",
  "AckedState/Id",
  "ConfirmedState/Id",
  "ShelvingState/CurrentState",
  "ShelvingState/UnshelveTime",
  "SuppressedState/Id",
  "OutOfServiceState/Id",
  "SuppressedOrShelved",
  "LatchedState/Id",
  "FirstInGroupFlag",
  "Quality",
  "LastSeverity",
  "Comment",
  "ClientUserId",
  "InputNode",
  "HighLimit",
  "OnDelay",
] as const;
export type FieldName = (typeof fieldNames)[number] | "ConditionId";
export type AlarmEvent = Readonly<Record<FieldName, unknown>>;

const text = (value: unknown): unknown => (value instanceof LocalizedText ? value.text : value);
const plain = (value: unknown): unknown => (value instanceof NodeId ? value.toString() : text(value));

export interface DeskOptions {
  /** NodeId of the notifier. */
  readonly notifier?: string;
  readonly where?: ContentFilterOptions;
  readonly queueSize?: number;
}

/** An operator's alarm list: the events of a notifier, and what can be done with them. */
export class AlarmDesk {
  readonly events: AlarmEvent[] = [];
  readonly subscription: ClientSubscription;
  readonly #client: Pick<ScadaClient, "session">;
  readonly #item: ClientMonitoredItem;

  private constructor(
    client: Pick<ScadaClient, "session">,
    subscription: ClientSubscription,
    item: ClientMonitoredItem,
  ) {
    this.#client = client;
    this.subscription = subscription;
    this.#item = item;
    item.on("changed", (values: unknown) => this.events.push(eventOf(values as Variant[])));
  }

  static async open(
    client: Pick<ScadaClient, "session">,
    subscription: ClientSubscription,
    { notifier = "i=2253", where, queueSize = 0 }: DeskOptions = {},
  ): Promise<AlarmDesk> {
    const filter = eventFilterOf(fieldNames, where);
    const item = await subscription.monitor(
      { nodeId: notifier, attributeId: AttributeIds.EventNotifier },
      { samplingInterval: 0, queueSize, discardOldest: true, filter },
      TimestampsToReturn.Both,
    );
    return new AlarmDesk(client, subscription, item);
  }

  get itemId(): number {
    return Number(this.#item.monitoredItemId);
  }

  /** The newest event of an alarm, e.g. `CB-0001/Overtemperature`, once it is as wanted. */
  async see(alarm: string, wanted: Partial<AlarmEvent> = {}): Promise<AlarmEvent> {
    const conditionId = conditionIdOf(alarm);
    const what = (): string => `${alarm} ${JSON.stringify(wanted)}; came: ${this.#summary()}`;
    return until(what, 10_000, () => {
      const newest = this.events.findLast((event) => event.ConditionId === conditionId);
      return newest !== undefined && matches(newest, wanted) ? newest : undefined;
    });
  }

  #summary(): string {
    const names = this.events.map((event) => `${String(event.ConditionId)} active=${String(event["ActiveState/Id"])}`);
    return names.slice(-10).join(", ") || "nothing";
  }

  call(method: ConditionMethod, alarm: string, inputs: VariantLike[] = []): Promise<CallMethodResult> {
    const request = { objectId: conditionIdOf(alarm), methodId: conditionMethodIds[method], inputArguments: inputs };
    return this.#client.session.call(request);
  }

  /** The name of the StatusCode of a call that takes an event and a comment. */
  async answer(method: ConditionMethod, { ConditionId, EventId }: AlarmEvent, comment: string): Promise<string> {
    const { statusCode } = await this.call(method, alarmOf(String(ConditionId)), [
      byteString(EventId),
      localized(comment),
    ]);
    return statusCode.name;
  }

  async do(method: ConditionMethod, alarm: string, inputs: VariantLike[] = []): Promise<string> {
    return (await this.call(method, alarm, inputs)).statusCode.name;
  }

  /** Calls ConditionRefresh and gives the events from its start to its end. */
  async refresh(): Promise<AlarmEvent[]> {
    this.events.length = 0;
    const { statusCode } = await this.#client.session.call({
      objectId: "i=2782",
      methodId: conditionMethodIds.ConditionRefresh,
      inputArguments: [{ dataType: DataType.UInt32, value: this.subscription.subscriptionId }],
    });
    if (statusCode.isNotGood()) throw new Error(`ConditionRefresh: ${statusCode.name}`);
    return this.bracket();
  }

  /** The events between RefreshStart and RefreshEnd. */
  async bracket(withinMs = 20_000): Promise<AlarmEvent[]> {
    const find = (type: string): number => this.events.findIndex(({ EventType }) => EventType === type);
    const end = await until("the end of the refresh", withinMs, () => {
      const at = find("ns=0;i=2788");
      return at < 0 ? undefined : at;
    });
    return this.events.slice(find("ns=0;i=2787") + 1, end);
  }
}

export function conditionIdOf(alarm: string): string {
  return `ns=1;s=${alarm.replace("/", "/Alarms/")}`;
}

function alarmOf(conditionId: string): string {
  return conditionId.replace("ns=1;s=", "").replace("/Alarms/", "/");
}

export const byteString = (value: unknown): VariantLike => ({ dataType: DataType.ByteString, value: value as Buffer });
export const localized = (value: string): VariantLike => ({ dataType: DataType.LocalizedText, value: { text: value } });
export const duration = (value: number): VariantLike => ({ dataType: DataType.Double, value });

/** Fields by path, and the ConditionId behind them. */
export function eventFilterOf(paths: readonly string[], where?: ContentFilterOptions): EventFilter {
  const fields = paths.map(
    (path) =>
      new SimpleAttributeOperand({
        typeDefinitionId: coerceNodeId("i=2041"),
        browsePath: path.split("/").map((name) => ({ name })),
        attributeId: AttributeIds.Value,
      }),
  );
  const conditionId = new SimpleAttributeOperand({
    typeDefinitionId: coerceNodeId("i=2782"),
    browsePath: [],
    attributeId: AttributeIds.NodeId,
  });
  return new EventFilter({
    selectClauses: [...fields, conditionId],
    ...(where === undefined ? {} : { whereClause: where }),
  });
}

function eventOf(values: readonly Variant[]): AlarmEvent {
  const names: readonly FieldName[] = [...fieldNames, "ConditionId"];
  return Object.fromEntries(names.map((name, i) => [name, plain(values[i]?.value)])) as AlarmEvent;
}

function matches(event: AlarmEvent, wanted: Partial<AlarmEvent>): boolean {
  return Object.entries(wanted).every(([name, value]) => event[name as FieldName] === value);
}
