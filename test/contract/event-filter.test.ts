import {
  AddressSpace,
  AttributeIds,
  type ContentFilterOptions,
  DataType,
  ElementOperand,
  EventFilter,
  FilterOperator,
  generateAddressSpace,
  LiteralOperand,
  NodeId,
  NumericRange,
  QualifiedName,
  resolveNodeId,
  SimpleAttributeOperand,
  Variant,
  VariantArrayType,
} from "node-opcua";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { EventRecord } from "#fleet/alarms/ports.ts";
import type { AlarmSpec } from "#model/alarm-spec.ts";
import { ConditionTypes } from "#opcua/events/condition-types.ts";
import { compileEventFilter, type FilterCheck } from "#opcua/events/event-filter.ts";
import { EventTypes } from "#opcua/events/event-types.ts";
import { EventRecords } from "#opcua/events/record-fields.ts";
import { findNodesetFiles } from "#opcua/nodesets/nodeset-files.ts";
import { alarmRecord, deviceEvent } from "../support/alarm-records.ts";

const space = AddressSpace.create();
let types: EventTypes;
let records: EventRecords;
let own: number;
let di: number;

beforeAll(async () => {
  space.registerNamespace("urn:test");
  await generateAddressSpace(space, [...(await findNodesetFiles("/nowhere")).files]);
  own = space.getNamespaceIndex("urn:fdi-host:types:breaker");
  di = space.getNamespaceIndex("http://opcfoundation.org/UA/DI/");
  types = new EventTypes(space);
  records = new EventRecords(space, { conditionTypes: new ConditionTypes(space, di), numberOf: () => 42 });
  types.openNamespace(records.namespaceIndex);
});
afterAll(() => space.dispose());

type Operand = SimpleAttributeOperand | LiteralOperand | ElementOperand;

/** `AckedState/Id`, names with `own:` in front are of our namespace. */
function field(path: string, type = "BaseEventType", attributeId = AttributeIds.Value): SimpleAttributeOperand {
  const browsePath = path === "" ? [] : path.split("/").map(nameOf);
  return new SimpleAttributeOperand({ typeDefinitionId: resolveNodeId(type), browsePath, attributeId });
}

function nameOf(text: string): QualifiedName {
  return text.startsWith("own:")
    ? new QualifiedName({ namespaceIndex: own, name: text.slice(4) })
    : new QualifiedName({ name: text });
}

const literal = (dataType: DataType, value: unknown) =>
  new LiteralOperand({ value: new Variant({ dataType, arrayType: VariantArrayType.Scalar, value }) });
const int = (value: number) => literal(DataType.Int32, value);
const text = (value: string) => literal(DataType.String, value);
const element = (index: number) => new ElementOperand({ index });
const nodeId = (id: string) => literal(DataType.NodeId, resolveNodeId(id));

type Element = readonly [operator: FilterOperator, ...operands: Operand[]];

function check(select: readonly SimpleAttributeOperand[], where: readonly Element[] = []): FilterCheck {
  const whereClause: ContentFilterOptions = {
    elements: where.map(([filterOperator, ...filterOperands]) => ({ filterOperator, filterOperands })),
  };
  return compileEventFilter(new EventFilter({ selectClauses: [...select], whereClause }), types);
}

/** Values of the fields of an event. */
function fieldsOf(record: EventRecord, ...operands: SimpleAttributeOperand[]): unknown[] {
  const { filter } = check(operands);
  return filter?.select(records.of(record)).map(({ value }) => value as unknown) ?? [];
}

function accepts(record: EventRecord, ...where: Element[]): boolean | string {
  const { filter, statusCode } = check([field("EventId")], where);
  return filter?.accepts(records.of(record)) ?? statusCode.name;
}

const hot = alarmRecord();

describe("select clauses", () => {
  it("gives the fields that operators look at", () => {
    const [eventId, eventType, sourceNode, ...rest] = fieldsOf(
      alarmRecord({}, { comment: { text: "seen", user: "ann", at: 5 } }),
      ...["EventId", "EventType", "SourceNode", "SourceName", "Severity", "ConditionName", "Retain"].map((name) =>
        field(name),
      ),
      ...["ActiveState/Id", "AckedState/Id", "ShelvingState/CurrentState/Id", "ClientUserId", "HighLimit"].map((name) =>
        field(name),
      ),
    );

    expect((eventId as Buffer).toString("hex")).toBe("00112233445566778899aabbccddeeff");
    expect([String(eventType), String(sourceNode)]).toEqual(["ns=0;i=10060", "ns=1;s=CB-0001"]);
    expect(rest.map((value) => (value instanceof NodeId ? value.toString() : value))).toEqual([
      "CB-0001",
      700,
      "Overtemperature",
      true,
      true,
      false,
      "ns=0;i=2930",
      "ann",
      75,
    ]);
  });

  it("gives the ConditionId for an empty path and the attribute NodeId", () => {
    const [conditionId, ofNone] = [hot, deviceEvent()].map(
      (record) => fieldsOf(record, field("", "ConditionType", AttributeIds.NodeId))[0],
    );

    expect(String(conditionId)).toBe("ns=1;s=CB-0001/Alarms/Overtemperature");
    expect(ofNone).toBeNull();
  });

  it("gives the details of packages and of device events in the host's namespace", () => {
    const details = fieldsOf(hot, field("own:AnsiCode"), field("own:Remedy"));
    const reported = fieldsOf(deviceEvent({ current_a: 1200 }), field("own:EventName"), field("Message"));

    expect(details.map(String)).toEqual(["26", expect.stringContaining("Let it cool")]);
    expect(reported[0]).toBe("breaker_trip");
  });

  it("restricts a field to the events of its type", () => {
    const values = fieldsOf(hot, field("ActiveState/Id", "TripAlarmType"), field("ActiveState/Id", "LimitAlarmType"));

    expect(values).toEqual([null, true]);
  });

  it("tells which fields do not exist and still gives the others", () => {
    const { statusCode, result, filter } = check([field("Severity"), field("Nonsense")]);

    expect(statusCode.name).toBe("Good");
    expect(result.selectClauseResults?.map(({ name }) => name)).toEqual(["Good", "BadNodeIdUnknown"]);
    expect(filter?.select(records.of(hot)).map(({ value }) => value as unknown)).toEqual([700, null]);
  });

  it("refuses a filter that selects nothing", () => {
    expect(check([]).statusCode.name).toBe("BadEventFilterInvalid");
    expect(check([field("Nonsense")]).statusCode.name).toBe("BadEventFilterInvalid");
  });

  it("cuts an index range out of a text", () => {
    const operand = field("SourceName");
    operand.indexRange = new NumericRange("0:1");

    expect(fieldsOf(hot, operand)).toEqual(["CB"]);
  });
});

describe("condition types", () => {
  const typeOf = (spec: Partial<AlarmSpec>) => {
    const { eventType } = records.of(alarmRecord(spec));
    return space.findNode(eventType)?.browseName.name;
  };

  it("follows what the alarm is about and its NE 107 class", () => {
    expect(typeOf({ type: "trip" })).toBe("TripAlarmType");
    expect(typeOf({ type: "discrepancy", ne107: "F" })).toBe("DiscrepancyAlarmType");
    expect(typeOf({ type: "system" })).toBe("SystemOffNormalAlarmType");
    expect(typeOf({ type: "off-normal" })).toBe("OffNormalAlarmType");
    expect(typeOf({ type: "limit", when: { text: "A > 1 OR B > 1" } })).toBe("OffNormalAlarmType");
    const health = (["F", "C", "S", "M"] as const).map((ne107) => typeOf({ type: "off-normal", ne107 }));
    expect(health).toEqual([
      "FailureAlarmType",
      "CheckFunctionAlarmType",
      "OffSpecAlarmType",
      "MaintenanceRequiredAlarmType",
    ]);
  });

  it("reads a limit that a parameter holds", () => {
    const record = alarmRecord({ when: { text: "Temperature < TemperatureLowLimit" } });

    expect(fieldsOf(record, field("LowLimit"), field("LowState/Id"), field("HighLimit"))).toEqual([42, true, null]);
  });
});

describe("where clauses", () => {
  const severity = field("Severity");

  it.each([
    ["Equals", [FilterOperator.Equals, severity, int(700)], true],
    ["Equals of a wider type", [FilterOperator.Equals, severity, literal(DataType.Double, 700)], true],
    ["Equals of a 64-bit integer", [FilterOperator.Equals, severity, literal(DataType.Int64, [0, 700])], true],
    ["Equals of a text that is a number", [FilterOperator.Equals, severity, text("700")], true],
    [
      "Equals of types that cannot be compared",
      [FilterOperator.Equals, severity, literal(DataType.DateTime, new Date(700))],
      false,
    ],
    [
      "Equals of a LocalizedText and a text",
      [FilterOperator.Equals, field("Message"), text("81 degC is too hot")],
      true,
    ],
    ["Equals of a NodeId", [FilterOperator.Equals, field("EventType"), nodeId("NonExclusiveLevelAlarmType")], true],
    ["GreaterThan", [FilterOperator.GreaterThan, severity, int(700)], false],
    ["GreaterThanOrEqual", [FilterOperator.GreaterThanOrEqual, severity, int(700)], true],
    ["LessThan", [FilterOperator.LessThan, severity, int(701)], true],
    ["LessThanOrEqual", [FilterOperator.LessThanOrEqual, severity, int(699)], false],
    ["LessThan of times", [FilterOperator.LessThan, field("Time"), literal(DataType.DateTime, new Date(1_001))], true],
    ["a comparison with NULL", [FilterOperator.LessThan, field("LowLimit"), int(5)], false],
    ["Between", [FilterOperator.Between, severity, int(600), int(700)], true],
    ["Between beyond", [FilterOperator.Between, severity, int(701), int(900)], false],
    ["InList", [FilterOperator.InList, severity, int(1), int(700)], true],
    ["InList with nothing in it", [FilterOperator.InList, severity], false],
    ["IsNull", [FilterOperator.IsNull, field("LowLimit")], true],
    ["IsNull of a value", [FilterOperator.IsNull, severity], false],
    ["Not", [FilterOperator.Not, field("AckedState/Id")], true],
    ["Like", [FilterOperator.Like, field("SourceName"), text("CB-%[0-2]_\\2")], false],
    ["Like of the same", [FilterOperator.Like, field("SourceName"), text("CB-%[0-2]\\1")], true],
    ["Like of a set that must not be", [FilterOperator.Like, field("SourceName"), text("[^A]B%")], true],
    ["OfType", [FilterOperator.OfType, nodeId("LimitAlarmType")], true],
    ["OfType of another", [FilterOperator.OfType, nodeId("TripAlarmType")], false],
  ] as const)("knows %s", (_name, where, expected) => {
    expect(accepts(hot, where)).toBe(expected);
  });

  it("knows a ConditionId in a list, whether the alarm exists or not", () => {
    const conditionId = field("", "ConditionType", AttributeIds.NodeId);
    const where = (name: string): Element => [
      FilterOperator.InList,
      conditionId,
      nodeId(`ns=1;s=CB-0001/Alarms/${name}`),
    ];

    expect([accepts(hot, where("Overtemperature")), accepts(hot, where("Other"))]).toEqual([true, false]);
  });

  it("joins elements with And and Or in three-valued logic", () => {
    const join = (operator: FilterOperator, left: Element, right: Element) =>
      accepts(hot, [operator, element(1), element(2)], left, right);
    const yes: Element = [FilterOperator.IsNull, field("LowLimit")];
    const no: Element = [FilterOperator.IsNull, field("Severity")];
    const unknown: Element = [FilterOperator.Not, field("LowState/Id")];

    expect([join(FilterOperator.And, yes, yes), join(FilterOperator.And, yes, no)]).toEqual([true, false]);
    expect([join(FilterOperator.Or, no, yes), join(FilterOperator.Or, unknown, yes)]).toEqual([true, true]);
    expect([join(FilterOperator.And, unknown, yes), join(FilterOperator.Or, unknown, no)]).toEqual([false, false]);
  });

  it("casts and combines bits", () => {
    const cast = accepts(
      hot,
      [FilterOperator.Equals, element(1), text("700")],
      [FilterOperator.Cast, field("Severity"), nodeId("i=12")],
    );
    const bits = accepts(
      hot,
      [FilterOperator.Equals, element(1), int(0b100)],
      [FilterOperator.BitwiseAnd, field("Severity"), int(0b100)],
    );

    expect([cast, bits]).toEqual([true, true]);
  });

  it.each([
    [
      "an operator that means nothing for events",
      [[FilterOperator.InView, nodeId("i=85")]],
      "BadFilterOperatorUnsupported",
    ],
    ["too few operands", [[FilterOperator.Equals, field("Severity")]], "BadFilterOperandCountMismatch"],
    ["an element that refers to itself", [[FilterOperator.Not, element(0)]], "BadFilterElementInvalid"],
    ["an element that is not there", [[FilterOperator.Not, element(7)]], "BadFilterElementInvalid"],
    ["a field that does not exist", [[FilterOperator.IsNull, field("Nonsense")]], "BadFilterOperandInvalid"],
    ["OfType of something else", [[FilterOperator.OfType, nodeId("i=85")]], "BadFilterOperandInvalid"],
    ["OfType without a type", [[FilterOperator.OfType, int(7)]], "BadFilterLiteralInvalid"],
    [
      "a pattern that is not closed",
      [[FilterOperator.Like, field("SourceName"), text("[a")]],
      "BadFilterLiteralInvalid",
    ],
  ] as readonly (readonly [string, readonly Element[], string])[])("refuses %s", (_name, where, expected) => {
    const { statusCode, result } = check([field("EventId")], where);

    expect(statusCode.name).toBe(expected);
    expect(result.whereClauseResult?.elementResults?.[0]?.statusCode.name).toBe(expected);
  });

  it("needs one pass for a filter whose elements are woven together", () => {
    const woven = Array.from({ length: 60 }, (_, i): Element => [FilterOperator.And, element(i + 1), element(i + 1)]);

    expect(accepts(hot, ...woven, [FilterOperator.IsNull, field("LowLimit")])).toBe(true);
  });
});
