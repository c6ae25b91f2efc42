import { element, textElement, type XmlNode, type XmlOutput } from "#fdi/xml/write-xml.ts";
import type { ArgumentSpec, CommandSpec, ConfirmRule } from "#model/command-spec.ts";
import type { ParameterValue } from "#model/data-type.ts";
import type { DevicePackage } from "#model/device-package.ts";
import { labelOf } from "./names.ts";
import { valueText } from "./value-text.ts";

/** One command as an element; the package gives the confirm rule's parameter. */
export function commandXml(spec: CommandSpec, pkg: Pick<DevicePackage, "parameterByName">): XmlOutput {
  return element(
    "Command",
    {
      id: spec.name,
      label: spec.displayName === labelOf(spec.name) ? undefined : spec.displayName,
      effect: spec.effect,
      role: spec.role,
      timeoutMs: spec.timeoutMs,
      idempotent: spec.idempotent,
    },
    [
      textElement("Description", spec.description),
      ...spec.inputs.map(argumentXml),
      confirmXml(spec.confirm, pkg),
      ...(spec.interlocks ?? []).map(({ name, condition, message, addCause }) =>
        element("Interlock", { id: name, condition: condition.text, addCause }, [message]),
      ),
      selectXml(spec.select),
      ...Object.entries(spec.bindings).map(([protocol, { address, value }]) =>
        element("Binding", { protocol, address, value: String(value) }),
      ),
    ],
  );
}

/** One argument as an element. */
export function argumentXml(spec: ArgumentSpec): XmlOutput {
  return element(
    "Argument",
    {
      id: spec.name,
      dataType: spec.dataType,
      unit: spec.unit?.code,
      required: spec.required ? undefined : false,
      min: spec.range?.low,
      max: spec.range?.high,
      default: spec.defaultValue === undefined ? undefined : valueText(spec.defaultValue, { ...spec, enumeration: [] }),
    },
    [
      textElement("Description", spec.description),
      ...spec.choices.map((choice) => element("Choice", { role: spec.choiceRoles?.[choice] }, [choice])),
      ...addressesXml(spec.addresses),
    ],
  );
}

/** Addresses per protocol as `Binding` elements. */
export function addressesXml(addresses: ArgumentSpec["addresses"]): XmlNode[] {
  return Object.entries(addresses).map(([protocol, address]) => element("Binding", { protocol, address }));
}

function selectXml(select: CommandSpec["select"]): XmlOutput | undefined {
  if (select === undefined) return undefined;
  return element("Select", { timeoutMs: select.timeoutMs, when: select.when?.text });
}

function confirmXml(rule: ConfirmRule, pkg: Pick<DevicePackage, "parameterByName">): XmlOutput {
  if (rule.by === "ack") return element("Confirm", { by: "ack" });
  const spec = pkg.parameterByName.get(rule.parameter);
  const text = (value: ParameterValue): string => (spec === undefined ? String(value) : valueText(value, spec));
  const alternatives = rule.or?.map((value) => element("Or", { equals: text(value) })) ?? [];
  return element("Confirm", { by: "state", parameter: rule.parameter, equals: text(rule.equals) }, alternatives);
}
