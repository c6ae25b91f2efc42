import type { EUInformation } from "node-opcua";
import { units } from "#model/unit.ts";
import type { Rule, RuleName } from "./rule.ts";

const name: RuleName = { rule: "engineering-unit", clause: "OPC 10000-8, 5.6.3", severity: "error" };
const unknown: RuleName = { ...name, severity: "warning" };

const cefactUri = "http://www.opcfoundation.org/UA/units/un/cefact";

/** EngineeringUnits name a UN/CEFACT unit by its common code, with the symbol that people read. */
export const engineeringUnit: Rule = (node, context) => {
  if (node.name !== "0:EngineeringUnits" || node.variable === undefined) return;
  const { value } = node.variable;
  const unit: unknown = value.value.value;
  if (!isUnit(unit)) {
    context.add(name, node, { found: `no unit (${value.statusCode.name})`, expected: "an EUInformation" });
    return;
  }
  if (unit.namespaceUri !== cefactUri) {
    context.add(unknown, node, { found: `units of ${unit.namespaceUri ?? "nobody"}`, expected: cefactUri });
    return;
  }
  const code = codeOf(unit.unitId);
  const symbol = unit.displayName.text ?? "";
  if (code === undefined) {
    context.add(name, node, { found: `unitId ${unit.unitId}`, expected: "a UN/CEFACT code as big-endian bytes" });
  } else if (symbol === "") {
    context.add(name, node, { found: `${code} without a displayName`, expected: "the symbol of the unit" });
  } else if (units.has(code) && units.get(code)?.symbol !== symbol) {
    context.add(name, node, { found: `${code} shown as ${symbol}`, expected: units.get(code)?.symbol ?? "" });
  }
};

/** node-opcua exports the class of EUInformation as a type only. */
function isUnit(value: unknown): value is EUInformation {
  return typeof value === "object" && value !== null && "unitId" in value && "displayName" in value;
}

/** The common code behind a unitId: one to three capital letters or digits. */
function codeOf(unitId: number): string | undefined {
  let code = "";
  for (let rest = unitId; rest > 0; rest = Math.floor(rest / 256)) code = String.fromCharCode(rest % 256) + code;
  return /^[A-Z0-9]{1,3}$/.test(code) ? code : undefined;
}
