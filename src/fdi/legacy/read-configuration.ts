import { labelOf } from "#fdi/v2/names.ts";
import { type ElementReader, warn } from "#fdi/xml/element-reader.ts";
import type { HostSetting, TemplateSetting, TemplateSpec } from "#model/package-details.ts";
import type { ParameterSpec, Range } from "#model/parameter-spec.ts";
import { parameterValueOf, settingProblemOf } from "#model/parameter-value.ts";
import { nestedChildren, type PointDeclaration, readDeclaration } from "./legacy-point.ts";
import { identifierOf, unitOfText } from "./vocabulary.ts";

/** The section DefaultSettings: kept as settings of the host, as written. */
export function readDefaultSettings(reader: ElementReader | undefined): readonly HostSetting[] {
  const settings = reader?.children("Setting").map((setting): HostSetting => {
    const result = {
      name: setting.required("name"),
      value: setting.required("value"),
      unit: setting.optional("units") ?? "",
    };
    setting.finish();
    return result;
  });
  reader?.finish();
  return settings ?? [];
}

interface RawTemplate {
  readonly name: string;
  readonly description: string;
  readonly settings: readonly {
    readonly name: string;
    readonly text: string;
    readonly unit: string;
    readonly offset: number;
  }[];
  readonly reader: ElementReader;
}

export interface LegacyTemplates {
  readonly templates: readonly RawTemplate[];
  /** Settings that templates of dialect C declare themselves. */
  readonly points: readonly PointDeclaration[];
}

/** Reads `Template` (A, C) and `Profile` (B) elements; `resolveTemplates` makes settings of parameters of them. */
export function readTemplates(sections: readonly (ElementReader | undefined)[]): LegacyTemplates {
  const templates: RawTemplate[] = [];
  const points: PointDeclaration[] = [];
  for (const section of sections) {
    for (const reader of [...(section?.children("Template") ?? []), ...(section?.children("Profile") ?? [])]) {
      const declared = nestedChildren(reader, "Parameters", "Parameter").map((parameter) => {
        const point = readDeclaration(parameter, { source: "template", group: "Configuration", bindings: {} });
        parameter.finish();
        return point;
      });
      points.push(...declared);
      templates.push({
        name: identifierOf(reader.required("name")),
        description: reader.optional("description") ?? reader.childText("Description"),
        settings: [...readSettings(reader), ...declared.map(settingOf)],
        reader,
      });
      reader.finish();
    }
    section?.finish();
  }
  return { templates, points: unitedPoints(points) };
}

function readSettings(reader: ElementReader): RawTemplate["settings"] {
  return nestedChildren(reader, "Settings", "Setting").map((setting) => {
    const result = {
      name: setting.required("name"),
      text: setting.required("value"),
      unit: setting.optional("units") ?? "",
      offset: setting.element.offset,
    };
    setting.finish();
    return result;
  });
}

function settingOf(point: PointDeclaration): RawTemplate["settings"][number] {
  return { name: point.name, text: point.defaultText ?? "", unit: point.units, offset: point.offset };
}

/** Several templates declare the same setting with ranges of their own: the parameter accepts all of them. */
function unitedPoints(points: readonly PointDeclaration[]): PointDeclaration[] {
  const byName = new Map<string, PointDeclaration>();
  for (const point of points) {
    const known = byName.get(point.name);
    byName.set(point.name, known === undefined ? point : { ...known, range: united(known.range, point.range) });
  }
  return [...byName.values()];
}

function united(a: Range | undefined, b: Range | undefined): Range | undefined {
  if (a === undefined || b === undefined) return undefined;
  return { low: Math.min(a.low, b.low), high: Math.max(a.high, b.high) };
}

/** Templates with values of their parameters; a setting that fits no parameter is left out with a warning. */
export function resolveTemplates(raw: LegacyTemplates, parameters: readonly ParameterSpec[]): readonly TemplateSpec[] {
  const byName = new Map(parameters.map((parameter) => [parameter.name, parameter]));
  return raw.templates.map(({ name, description, settings, reader }) => ({
    name,
    displayName: labelOf(name),
    description,
    settings: settings.flatMap((setting): TemplateSetting[] => {
      const spec = byName.get(identifierOf(setting.name));
      const value = spec === undefined ? undefined : parameterValueOf(setting.text, spec);
      const problem = settingProblem(spec, value, setting.unit);
      if (spec !== undefined && value !== undefined && problem === undefined) return [{ parameter: spec.name, value }];
      warn(
        reader.context,
        setting,
        "not-kept",
        `template ${name}: ${setting.name}="${setting.text}": ${problem ?? ""}`,
      );
      return [];
    }),
  }));
}

function settingProblem(
  spec: ParameterSpec | undefined,
  value: ReturnType<typeof parameterValueOf>,
  unit: string,
): string | undefined {
  if (spec === undefined) return "no parameter of this name";
  if (spec.access === "read") return "the parameter cannot be written";
  if (value === undefined) return `expected a ${spec.dataType}`;
  if (unit !== "" && unitOfText(unit)?.code !== spec.unit?.code) return `unit ${unit} is not the parameter's`;
  return settingProblemOf(value, spec);
}
