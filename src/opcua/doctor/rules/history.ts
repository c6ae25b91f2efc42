import { AccessLevelFlag } from "node-opcua";
import { ids } from "#opcua/doctor/address-node.ts";
import { targetsOf } from "#opcua/doctor/type-library.ts";
import type { Rule, RuleName } from "./rule.ts";

const flags: RuleName = { rule: "history-flags", clause: "OPC 10000-3, 5.6.2", severity: "error" };
const configuration: RuleName = { rule: "history-configuration", clause: "OPC 10000-11, 5.2.3", severity: "error" };

const annotations = "0:Annotations";

/** A Variable that is historized can be read back, and says how its history is kept. */
export const history: Rule = (node, context) => {
  if (node.nodeClass !== "Variable" || node.variable === undefined) return;
  // Annotations belong to the history of the Variable above them (OPC 10000-11, 5.1.2).
  if (node.name === annotations) return;
  const { historizing, accessLevel } = node.variable;
  const isReadable = (accessLevel & AccessLevelFlag.HistoryRead) !== 0;
  if (historizing && !isReadable) {
    context.add(flags, node, { found: "Historizing without HistoryRead", expected: "AccessLevel with HistoryRead" });
  }
  if (!historizing && isReadable) {
    context.add({ ...flags, severity: "warning" }, node, {
      found: "HistoryRead without Historizing",
      expected: "Historizing, or no HistoryRead",
    });
  }
  if (isReadable && targetsOf(node, ids.hasHistoricalConfiguration).length === 0) {
    context.add(configuration, node, {
      found: "no HasHistoricalConfiguration",
      expected: "a HasHistoricalConfiguration",
    });
  }
};
