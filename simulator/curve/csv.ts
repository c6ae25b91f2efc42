import type { CharacteristicPoint } from "./characteristic.ts";
import type { Measurement } from "./measure.ts";

/** One line per current: what the settings promise and what the simulated breaker did; empty cells for no trip. */
export function curveCsv(
  rows: readonly {
    readonly circuit: "phase" | "ground";
    readonly promised: CharacteristicPoint;
    readonly measured: Measurement | undefined;
  }[],
): string {
  const lines = rows.map(({ circuit, promised, measured }) => {
    const { amps, fromS, toS, element } = promised;
    return [circuit, cell(amps), element, cell(fromS), cell(toS), cell(measured?.clearS), measured?.reason ?? ""].join(
      ",",
    );
  });
  return ["circuit,current_a,element,break_from_s,break_to_s,measured_s,measured_reason", ...lines, ""].join("\n");
}

function cell(value: number | undefined): string {
  return value === undefined || !Number.isFinite(value) ? "" : String(Number(value.toPrecision(6)));
}
