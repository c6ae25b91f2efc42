import type { AlarmSpec } from "#model/alarm-spec.ts";
import { conditionOf } from "#model/compile-condition.ts";
import { definePackage } from "#model/define-package.ts";
import type { DevicePackage } from "#model/device-package.ts";
import { breakerPackage } from "./breaker-package.ts";

type Draft = Partial<Omit<AlarmSpec, "when" | "clearWhen">> & { name: string; when: string; clearWhen?: string };

/** The test breaker with alarms; conditions may name its parameters. */
export function alarmPackage(drafts: readonly Draft[]): DevicePackage {
  const base = breakerPackage();
  const parameters = base.parameters.map((spec) => {
    const unit = { code: "AMP", symbol: "A", name: "ampere" };
    return spec.name === "CurrentPhaseA" ? { ...spec, unit } : spec;
  });
  const alarms = drafts.map((draft): AlarmSpec => {
    const { when, clearWhen, ...rest } = draft;
    const compiled = (text: string): AlarmSpec["when"] => {
      const { condition, problem } = conditionOf(text, base.parameterByName);
      if (problem !== undefined) throw new Error(`${text}: ${problem.message}`);
      return condition;
    };
    return {
      displayName: draft.name,
      description: "",
      type: "limit",
      conditionClass: "process",
      severity: 500,
      onDelayMs: 0,
      offDelayMs: 0,
      latched: false,
      category: "Protection",
      message: "Too much.",
      remedy: "Reduce the load.",
      actions: [],
      ...rest,
      when: compiled(when),
      ...(clearWhen === undefined ? {} : { clearWhen: compiled(clearWhen) }),
    };
  });
  return definePackage({ ...base, parameters, alarms });
}
