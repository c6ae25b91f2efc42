import { element, textElement, type XmlOutput } from "#fdi/xml/write-xml.ts";
import type { AlarmSpec } from "#model/alarm-spec.ts";
import type { DevicePackage } from "#model/device-package.ts";
import type { DiagnosticTestSpec, DocumentSpec, EventSpec, RuleSpec, TemplateSpec } from "#model/package-details.ts";
import { labelOf } from "./names.ts";
import { valueText } from "./value-text.ts";
import { addressesXml, argumentXml } from "./write-command.ts";

function labelUnlessUsual(spec: { readonly name: string; readonly displayName: string }): string | undefined {
  return spec.displayName === labelOf(spec.name) ? undefined : spec.displayName;
}

export function ruleXml({ name, condition, message }: RuleSpec): XmlOutput {
  return element("Rule", { id: name, condition: condition.text }, [message]);
}

export function templateXml(spec: TemplateSpec, pkg: Pick<DevicePackage, "parameterByName">): XmlOutput {
  return element("Template", { id: spec.name, label: labelUnlessUsual(spec) }, [
    textElement("Description", spec.description),
    ...spec.settings.map(({ parameter, value }) => {
      const target = pkg.parameterByName.get(parameter);
      return element("Setting", { parameter, value: target === undefined ? String(value) : valueText(value, target) });
    }),
  ]);
}

export function testXml(spec: DiagnosticTestSpec): XmlOutput {
  const { command } = spec;
  const head = { id: spec.name, label: labelUnlessUsual(spec), category: spec.category || undefined };
  return element("Test", { ...head, durationMs: spec.durationMs }, [
    textElement("Description", spec.description),
    command === undefined
      ? undefined
      : element(
          "Run",
          { command: command.name },
          Object.entries(command.arguments).map(([argument, value]) => element("With", { argument, value })),
        ),
    ...spec.inputs.map(argumentXml),
    ...spec.steps.map((step) =>
      element("Step", { id: step.name, durationMs: step.durationMs, expect: step.expect?.text }, [
        textElement("Description", step.description),
      ]),
    ),
    spec.report === undefined
      ? undefined
      : element("Report", { parameter: spec.report.parameter, progress: spec.report.progress }),
    textElement("ExpectedResult", spec.expectedResult),
  ]);
}

export function alarmXml(spec: AlarmSpec): XmlOutput {
  return element(
    "Alarm",
    {
      id: spec.name,
      label: labelUnlessUsual(spec),
      type: spec.type,
      class: spec.conditionClass,
      severity: spec.severity,
      ne107: spec.ne107,
      category: spec.category || undefined,
      ansi: spec.ansi,
      [spec.when.expression === undefined ? "whenText" : "when"]: spec.when.text,
      clearWhen: spec.clearWhen?.text,
      onDelayMs: spec.onDelayMs || undefined,
      offDelayMs: spec.offDelayMs || undefined,
      latched: spec.latched || undefined,
      confirm: spec.requiresConfirmation || undefined,
      autoAcknowledge: spec.autoAcknowledge || undefined,
    },
    [
      textElement("Description", spec.description),
      textElement("Message", spec.message),
      textElement("Remedy", spec.remedy),
      ...spec.actions.map(({ name, type, executedBy }) => element("Action", { name, type, executedBy })),
    ],
  );
}

export function eventXml(spec: EventSpec): XmlOutput {
  return element("Event", { id: spec.name, label: labelUnlessUsual(spec), severity: spec.severity }, [
    textElement("Description", spec.description),
    ...spec.fields.map((field) =>
      element("Field", { id: field.name, dataType: field.dataType, unit: field.unit?.code }, [
        textElement("Description", field.description),
      ]),
    ),
    ...addressesXml(spec.addresses),
  ]);
}

export function documentXml(spec: DocumentSpec): XmlOutput {
  return element("Document", {
    id: spec.name,
    kind: spec.kind,
    title: spec.title === labelOf(spec.name) ? undefined : spec.title,
    language: spec.language || undefined,
    version: spec.version || undefined,
    mediaType: spec.mediaType || undefined,
    href: spec.href || undefined,
  });
}
