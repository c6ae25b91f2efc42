import { AlarmFleet, principal } from "./alarm-fleet.ts";

export const engineer = principal("mika", "maintenance");

type Condition = Readonly<Record<string, unknown>>;

/** A fleet with one rule `R` of the given conditions; the fields are those of the test breaker. */
export function ruleFleet(...conditions: readonly Condition[]): AlarmFleet {
  const fleet = new AlarmFleet([]);
  fleet.alarms.rules.add({ rule_name: "R", conditions }, engineer);
  return fleet;
}

/** Whether the rule is active. */
export function fires(fleet: AlarmFleet): boolean {
  return fleet.state("R").active;
}
