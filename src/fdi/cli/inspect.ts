import { signatureText } from "#fdi/container/signature-policy.ts";
import type { OpenedPackage } from "#fdi/open-package.ts";
import type { DevicePackage } from "#model/device-package.ts";
import type { OpaqueElement } from "#model/package-details.ts";
import { locationText, type PackageWarning } from "#model/package-problem.ts";
import type { ParameterSpec } from "#model/parameter-spec.ts";
import type { CliArguments } from "./cli-arguments.ts";
import { type CliIo, facts, jsonText, printable, table } from "./cli-io.ts";
import { onlyFile, openInput } from "./package-input.ts";

/** `inspect FILE`: what is in a package, for people or as JSON. */
export async function inspect(args: CliArguments, io: CliIo): Promise<number> {
  const file = onlyFile(args);
  const opened = await openInput(file, args, io, "warn");
  io.out(args.json ? jsonText(jsonOf(file, opened)) : textOf(file, opened));
  return 0;
}

function jsonOf(file: string, opened: OpenedPackage): unknown {
  const { read, ...rest } = opened;
  const pkg = read?.package;
  // Parameters and commands are lists already; their look-up tables would only say it twice.
  const content = pkg === undefined ? undefined : { ...pkg, parameterByName: undefined, commandByName: undefined };
  return {
    file,
    ...rest,
    dialect: read?.dialect,
    interpreted: read !== undefined,
    package: content,
    warnings: read?.warnings ?? [],
  };
}

function textOf(file: string, opened: OpenedPackage): string {
  const { read } = opened;
  if (read === undefined) return foreignText(file, opened);
  const pkg = read.package;
  const head = `${printable(file)}\n${headText(pkg, opened)}`;
  const sections = [head, `Parameters\n${parameterTable(pkg)}`, ...detailSections(pkg), warningText(read.warnings)];
  return `${sections.filter((text) => text !== "").join("\n\n")}\n`;
}

function detailSections(pkg: DevicePackage): string[] {
  const seconds = (ms: number | undefined): string => (ms === undefined ? "" : String(ms / 1000));
  const rules = pkg.rules.map(({ name, condition }) => [name, condition.text]);
  const templates = pkg.templates.map(({ name, settings, description }) => [
    name,
    String(settings.length),
    description,
  ]);
  const tests = pkg.tests.map(({ name, steps, durationMs, category }) => {
    return [name, String(steps.length), seconds(durationMs), category];
  });
  const events = pkg.events.map(({ name, severity, fields }) => {
    return [name, String(severity), fields.map((field) => field.name).join(", ")];
  });
  const documents = pkg.documents.map(({ title, kind, language, href }) => [title, kind, language, href]);
  const tables = pkg.protocolTables.map(({ protocol, version, transport, content }) => {
    return [protocol, version, transport, String(content.length)];
  });
  return [
    titled("Values", enumerationRows(pkg)),
    titled("Commands", commandRows(pkg)),
    titled("Rules", [["rule", "condition"], ...rules]),
    titled("Templates", [["template", "settings", ""], ...templates]),
    titled("Tests", [["test", "steps", "seconds", "category"], ...tests]),
    titled("Alarms", alarmRows(pkg)),
    titled("Events", [["event", "severity", "fields"], ...events]),
    titled("Documents", [["document", "kind", "language", "where"], ...documents]),
    titled("Kept as data", [["protocol", "version", "transport", "entries"], ...tables]),
  ];
}

function headText(pkg: DevicePackage, { format, read, signature }: OpenedPackage): string {
  const { identity } = pkg;
  const writable = pkg.parameters.filter(({ access }) => access !== "read").length;
  return facts([
    [
      "package",
      `${pkg.id} ${pkg.revision} (${format === "fdix" ? "container" : "description"}, dialect ${read?.dialect ?? ""})`,
    ],
    ["device", `${identity.manufacturer} ${identity.model}, ${identity.deviceClass}, type ${pkg.typeName}`],
    ["description", identity.description],
    ["signature", signatureText(signature)],
    ["recognised by", pkg.detection.declaredTypes.join(", ")],
    [
      "contents",
      [
        `${counted(pkg.parameters, "parameter")} (${writable} writable)`,
        counted(pkg.commands, "command"),
        counted(pkg.alarms, "alarm"),
        counted(pkg.templates, "template"),
        counted(pkg.tests, "test"),
        counted(pkg.events, "event"),
        counted(pkg.documents, "document"),
      ].join(", "),
    ],
    [
      "security",
      pkg.security.levels
        .map(({ name }) => (name === pkg.security.defaultLevel ? `${name} (default)` : name))
        .join(", "),
    ],
    ["roles", pkg.security.roles.map(({ role, permissions }) => `${role}: ${permissions.join(" ")}`).join("; ")],
  ]);
}

function counted(items: readonly unknown[], name: string): string {
  return `${items.length} ${name}${items.length === 1 ? "" : "s"}`;
}

function parameterTable(pkg: DevicePackage): string {
  const heading = ["parameter", "type", "unit", "range", "default", "access", "group", "sparkplug", "json", "lwm2m"];
  const rows = pkg.parameters.map((spec) => [
    spec.name,
    spec.enumeration.length > 0 ? "enumeration" : spec.dataType,
    spec.unit?.symbol ?? "",
    spec.range === undefined ? "" : `${spec.range.low} to ${spec.range.high}`,
    defaultOf(spec),
    spec.access === "read" ? "" : spec.access,
    spec.group,
    spec.bindings.sparkplug?.address ?? "",
    spec.bindings.json?.address ?? "",
    spec.bindings.lwm2m?.address ?? "",
  ]);
  return table([heading, ...rows]);
}

function enumerationRows(pkg: DevicePackage): string[][] {
  const named = pkg.parameters.flatMap(({ name, enumeration, states }) => {
    const values = enumeration.map((entry) => `${entry.value} ${entry.name}`);
    if (states !== undefined) values.push(`false ${states.false}`, `true ${states.true}`);
    return values.length === 0 ? [] : [[name, values.join(", ")]];
  });
  return [["parameter", "values"], ...named];
}

function defaultOf({ defaultValue, enumeration }: ParameterSpec): string {
  if (defaultValue === undefined) return "";
  return enumeration.find(({ value }) => value === defaultValue)?.name ?? String(defaultValue);
}

function commandRows(pkg: DevicePackage): string[][] {
  const rows = pkg.commands.map(({ name, inputs, effect, role, timeoutMs, confirm, bindings }) => [
    `${name}(${inputs.map((input) => (input.required ? input.name : `[${input.name}]`)).join(", ")})`,
    effect,
    role,
    `${timeoutMs} ms`,
    confirm.by === "ack" ? "answer of the device" : `${confirm.parameter} == ${String(confirm.equals)}`,
    Object.entries(bindings)
      .map(([protocol, { address }]) => `${protocol} ${address}`)
      .join(", "),
  ]);
  return [["command", "effect", "role", "timeout", "confirmed by", "sent as"], ...rows];
}

function alarmRows(pkg: DevicePackage): string[][] {
  const rows = pkg.alarms.map(({ name, severity, ne107, when }) => [
    name,
    String(severity),
    ne107 ?? "",
    when.expression === undefined ? `in words: ${when.text}` : when.text,
  ]);
  return [["alarm", "severity", "NE 107", "when"], ...rows];
}

function titled(title: string, rows: readonly (readonly string[])[]): string {
  return rows.length < 2 ? "" : `${title}\n${table(rows)}`;
}

/** Warnings as compilers print them. */
export function warningText(all: readonly PackageWarning[]): string {
  // The signature has a line of its own.
  const warnings = all.filter(({ code }) => code !== "unsigned" && code !== "untrusted");
  if (warnings.length === 0) return "";
  const lines = warnings.map(
    ({ code, message, location }) => `  ${printable(`${locationText(location)} ${code}: ${message}`)}`,
  );
  return `Warnings (${warnings.length})\n${lines.join("\n")}`;
}

function foreignText(file: string, { signature, parts, catalog }: OpenedPackage): string {
  const documents = parts.filter(
    ({ mediaType, name }) => /pdf|html|image|text/.test(mediaType) || /\.(?:pdf|html?|png|jpe?g|txt)$/i.test(name),
  );
  const head = facts([
    ["package", "container of another vendor: EDD not interpreted"],
    ["signature", signatureText(signature)],
    ["parts", String(parts.length)],
  ]);
  const sections = [
    `${printable(file)}\n${head}`,
    catalog === undefined ? "" : `Catalog\n${catalogLines(catalog.content, "  ").join("\n")}`,
    titled("Documents", [
      ["part", "media type", "bytes"],
      ...documents.map(({ name, mediaType, size }) => [name, mediaType, String(size)]),
    ]),
  ];
  return `${sections.filter((text) => text !== "").join("\n\n")}\n`;
}

function catalogLines(element: OpaqueElement, indent: string): string[] {
  const attributes = [...element.attributes].map(([name, value]) => ` ${name}=${value}`).join("");
  const own = printable(`${element.name}${attributes}${element.text === "" ? "" : `: ${element.text}`}`);
  return [`${indent}${own}`, ...element.children.flatMap((child) => catalogLines(child, `${indent}  `))];
}
