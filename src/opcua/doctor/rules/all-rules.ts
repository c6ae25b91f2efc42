import { browseName } from "./browse-name.ts";
import { condition } from "./condition.ts";
import { declaredChildren } from "./declared-children.ts";
import { engineeringUnit } from "./engineering-unit.ts";
import { enumValue } from "./enum-value.ts";
import { functionalGroup } from "./functional-group.ts";
import { history } from "./history.ts";
import { methodArguments } from "./method-arguments.ts";
import { modellingRule } from "./modelling-rule.ts";
import { range } from "./range.ts";
import type { Rule } from "./rule.ts";
import { typeDefinition } from "./type-definition.ts";
import { valueType } from "./value-type.ts";

/** What holds for every instance. */
export const instanceRules: readonly Rule[] = [
  typeDefinition,
  browseName,
  declaredChildren,
  valueType,
  engineeringUnit,
  range,
  enumValue,
  methodArguments,
  history,
  functionalGroup,
  condition,
];

/** What holds for the nodes below a type; their values are defaults, which may be absent. */
export const declarationRules: readonly Rule[] = [
  typeDefinition,
  browseName,
  declaredChildren,
  engineeringUnit,
  methodArguments,
  modellingRule,
];
