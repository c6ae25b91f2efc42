import { Type } from "typebox";
import { type TrialResult, tryRule } from "#fleet/alarms/rules/rule-trial.ts";
import { HostError } from "#model/errors.ts";
import type { FacadeParts } from "#rest/parts.ts";
import {
  RuleInForce,
  ruleJsonOf,
  ruleParams,
  Trial,
  trialBody,
  trialJsonOf,
  WrittenRule,
} from "#rest/schemas/alarm-rule.ts";
import { failures } from "#rest/schemas/common.ts";
import type { Api } from "#rest/server/api.ts";
import { principalOf } from "#rest/server/caller.ts";

const tags = ["alarm rules"];
const maxTrialMs = 366 * 86_400_000;
const ruleResponse = { 200: RuleInForce, ...failures };

/** The rules that people write: added, changed and taken away in the running host, and tried on history. */
export function alarmRuleRoutes(app: Api, { fleet, history }: Pick<FacadeParts, "fleet" | "history">): void {
  const { rules } = fleet.alarms;
  const configure = { action: "alarm.configure" } as const;
  const list = { 200: Type.Object({ items: Type.Array(RuleInForce) }), ...failures };
  app.get(
    "/alarm-rules",
    { config: { action: "alarm.read" }, schema: { tags, summary: "The rules that people wrote", response: list } },
    () => ({ items: rules.list().map(ruleJsonOf) }),
  );
  app.get(
    "/alarm-rules/:rule",
    {
      config: { action: "alarm.read" },
      schema: { tags, summary: "One rule", params: ruleParams, response: ruleResponse },
    },
    ({ params }) => ruleJsonOf(rules.get(params.rule)),
  );
  app.post(
    "/alarm-rules",
    {
      config: configure,
      schema: { tags, summary: "Add a rule; it is in force at once", body: WrittenRule, response: ruleResponse },
    },
    (request) => ruleJsonOf(rules.add(request.body, principalOf(request))),
  );
  app.patch(
    "/alarm-rules/:rule",
    {
      config: configure,
      schema: {
        tags,
        summary: "Replace members of a rule, e.g. is_active",
        params: ruleParams,
        body: WrittenRule,
        response: ruleResponse,
      },
    },
    (request) => ruleJsonOf(rules.change(request.params.rule, request.body, principalOf(request))),
  );
  app.delete(
    "/alarm-rules/:rule",
    {
      config: configure,
      schema: {
        tags,
        summary: "Take a rule away; its alarms are cleared",
        params: ruleParams,
        response: { 200: Type.Object({ removed: Type.Integer() }), ...failures },
      },
    },
    (request) => {
      rules.remove(request.params.rule, principalOf(request));
      return { removed: request.params.rule };
    },
  );
  trialRoute(app, { fleet, history });
}

function trialRoute(app: Api, { fleet, history }: Pick<FacadeParts, "fleet" | "history">): void {
  app.post(
    "/alarm-rules/try",
    {
      config: { action: "alarm.configure" },
      schema: {
        tags,
        summary: "How often a rule would have fired between two times, by the stored values",
        body: trialBody,
        response: { 200: Trial, ...failures },
      },
    },
    async ({ body }) => {
      const rule = fleet.alarms.rules.draft(body.rule);
      const [from, to] = [Date.parse(body.from), Date.parse(body.to)];
      if (!(to > from && to - from <= maxTrialMs)) {
        throw new HostError(
          "argument-invalid",
          `${body.from} to ${body.to}: expected up to a year, the earlier time first`,
        );
      }
      const results: TrialResult[] = [];
      for (const name of body.devices) {
        results.push(await tryRule(rule, fleet.registry.get(name), { from, to }, history));
      }
      return trialJsonOf(results);
    },
  );
}
