import { tripCauses } from "#simulator/protection/element.ts";
import { Fields } from "./read-fields.ts";
import type { Expectation } from "./scenario.ts";
import type { Located, YamlReader } from "./yaml-reader.ts";

const members = [
  "device",
  "trips",
  "reason",
  "between",
  "clear",
  "position",
  "tripped",
  "lockedOut",
  "maintenanceDue",
  "temperature",
  "wear",
  "opening",
];

/** What a scenario expects of single devices at its end. */
export function readExpectations(
  reader: YamlReader,
  located: Located,
  deviceIds: ReadonlySet<string>,
  durationMs: number,
): Expectation[] {
  return reader.items(located, "expect").flatMap((item) => {
    const fields = new Fields(reader, reader.members(item, "expect", members), "expect.");
    const deviceId = fields.text("device") ?? "";
    if (!deviceIds.has(deviceId)) {
      reader.problem(item.line, `expect: device "${deviceId}" is not in this fleet`);
      return [];
    }
    const expectation = readOne(fields, deviceId, item.line);
    checkTimes(reader, expectation, durationMs);
    return [expectation];
  });
}

function readOne(fields: Fields, deviceId: string, line: number): Expectation {
  return {
    deviceId,
    line,
    trips: fields.number("trips", 0, 1_000),
    reason: fields.word("reason", tripCauses),
    betweenMs: fields.betweenMs("between"),
    clearMs: fields.betweenMs("clear"),
    position: fields.word("position", ["open", "closed", "bad"]),
    tripped: fields.flag("tripped"),
    lockedOut: fields.flag("lockedOut"),
    maintenanceDue: fields.flag("maintenanceDue"),
    temperatureCel: fields.between("temperature"),
    wearPercent: fields.between("wear"),
    openingMs: fields.betweenMs("opening"),
  };
}

function checkTimes(reader: YamlReader, { reason, betweenMs, clearMs, trips, line }: Expectation, durationMs: number) {
  if ((betweenMs !== undefined || clearMs !== undefined) && reason === undefined) {
    reader.problem(line, "expect: between and clear belong to a trip: name its reason");
  }
  if (reason !== undefined && trips === 0) reader.problem(line, "expect: a reason without a trip is impossible");
  if (betweenMs !== undefined && betweenMs[0] > durationMs) {
    reader.problem(line, `expect: the scenario ends at ${durationMs / 1000} s, before ${betweenMs[0] / 1000} s`);
  }
}
