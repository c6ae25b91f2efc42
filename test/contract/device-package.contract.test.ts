import { readFile } from "node:fs/promises";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { packContainer } from "#fdi/container/pack-container.ts";
import { openPackage } from "#fdi/open-package.ts";
import { loadPackageFolder } from "#fdi/package-folder.ts";
import { writeDevicePackage } from "#fdi/v2/write-device-package.ts";
import type { Condition } from "#model/condition.ts";
import { integerRangeOf, type ParameterValue } from "#model/data-type.ts";
import type { DevicePackage } from "#model/device-package.ts";
import type { ParameterSpec } from "#model/parameter-spec.ts";
import { legacyObjects, omaObjects } from "#simulator/lwm2m/objects.ts";
import { breakerMetrics } from "#simulator/sparkplug/metrics.ts";

const folder = "fdi-packages";
const shipped = await loadPackageFolder(folder);
const none: readonly string[] = [];

function names(items: readonly { readonly name: string }[]): readonly string[] {
  return items.map(({ name }) => name);
}

function isNumber({ dataType, enumeration }: ParameterSpec): boolean {
  return (
    enumeration.length === 0 &&
    (dataType === "float" || dataType === "double" || integerRangeOf(dataType) !== undefined)
  );
}

/** Whether a condition holds for the package's defaults with some of them replaced. */
function holds(condition: Condition, pkg: DevicePackage, replaced: ReadonlyMap<string, ParameterValue>): boolean {
  const { expression } = condition;
  const value = expression?.evaluate((index) => {
    const name = expression.names[index] ?? "";
    const found = replaced.get(name) ?? pkg.parameterByName.get(name)?.defaultValue;
    return typeof found === "bigint" ? Number(found) : found;
  });
  return value === true;
}

describe("the shipped packages", () => {
  it("are four breakers, a meter, a sensor and a grid unit", () => {
    expect(shipped.map(({ package: pkg }) => pkg.typeName)).toEqual([
      "AfddMiniatureBreaker",
      "EnvironmentalSensor",
      "GridUnit",
      "LsigAirCircuitBreaker",
      "LsigMouldedCaseBreaker",
      "SmartBreaker",
      "SmartMeter",
    ]);
  });

  it("claim each type that devices declare only once", () => {
    const claimed = shipped.flatMap(({ package: pkg }) => pkg.detection.declaredTypes);

    expect(claimed).toEqual([...new Set(claimed)]);
  });
});

describe.each(shipped)("$source", ({ package: pkg, warnings, source }) => {
  it("is read without a warning", () => {
    expect(warnings).toEqual([]);
  });

  it("lies in the folder of its id", () => {
    expect(source.startsWith(`${pkg.id}/`)).toBe(true);
  });

  it("gives everything that becomes a node or a topic a name of its own", () => {
    const all = [pkg.parameters, pkg.commands, pkg.alarms, pkg.events, pkg.rules].flatMap(names);

    expect(all.filter((name, i) => all.indexOf(name) !== i)).toEqual(none);
  });

  it("gives every writable number a range and a default", () => {
    const open = pkg.parameters.filter(
      (spec) =>
        spec.access !== "read" && isNumber(spec) && (spec.range === undefined || spec.defaultValue === undefined),
    );

    expect(names(open)).toEqual(none);
  });

  it("gives every measured quantity a unit", () => {
    const counters = new Set(["PoleCount", "AlarmStatus", "TripCount", "OperationCount", "AutoRecloseAttempts"]);
    const open = pkg.parameters.filter((spec) => isNumber(spec) && spec.unit === undefined && !counters.has(spec.name));

    expect(names(open)).toEqual(none);
  });

  it("describes and binds every parameter", () => {
    const open = pkg.parameters.filter(
      ({ bindings, description }) => Object.keys(bindings).length === 0 || description === "",
    );

    expect(names(open)).toEqual(none);
  });

  it("binds and describes every command and confirms switching by state", () => {
    const open = pkg.commands.filter(
      ({ effect, confirm, bindings, description }) =>
        description === "" ||
        Object.keys(bindings).length === 0 ||
        ((effect === "trip" || effect === "close") && confirm.by !== "state"),
    );

    expect(names(open)).toEqual(none);
  });

  it("never lets Close be sent twice", () => {
    expect(names(pkg.commands.filter(({ effect, idempotent }) => effect === "close" && idempotent))).toEqual(none);
  });

  it("keeps its own rules with its defaults and with each of its templates", () => {
    const broken = [{ name: "defaults", settings: [] }, ...pkg.templates].flatMap(({ name, settings }) => {
      const replaced = new Map(settings.map(({ parameter, value }) => [parameter, value]));
      return pkg.rules
        .filter(({ condition }) => !holds(condition, pkg, replaced))
        .map((rule) => `${name}: ${rule.name}`);
    });

    expect(broken).toEqual(none);
  });

  it("has alarms that can be evaluated, and says of each what it means and what to do", () => {
    const open = pkg.alarms.filter(
      ({ when, message, remedy, name }) => when.expression === undefined || remedy === "" || message === name,
    );

    expect(names(open)).toEqual(none);
    expect(pkg.alarms.length).toBeGreaterThan(3);
  });

  it("has roles and security levels", () => {
    expect(pkg.security.roles.map(({ role }) => role).sort()).toEqual([
      "administrator",
      "maintenance",
      "operator",
      "viewer",
    ]);
    expect(pkg.security.levels.map(({ name }) => name)).toEqual(["Standard", "Enhanced", "Critical"]);
  });

  it("is packed with its documents into a container that opens as the same package", async () => {
    const file = path.join(folder, source);
    const bytes = await readFile(file);

    const container = await packContainer(pkg, bytes, async (href) => readFile(path.join(path.dirname(file), href)));
    const rules = { policy: "warn", trust: { anchors: [], rejected: new Set<string>() }, now: 0 } as const;
    const opened = await openPackage(container, "p.fdix", rules);

    expect(opened.read && writeDevicePackage(opened.read.package)).toBe(writeDevicePackage(pkg));
  });
});

describe.each(
  shipped.filter(
    ({ package: pkg }) => pkg.typeName !== "SmartBreaker" && pkg.identity.deviceClass === "CircuitBreaker",
  ),
)("the simulator and $source", ({ package: pkg }) => {
  it("agree on the Sparkplug metrics", () => {
    const spoken = new Set(breakerMetrics.map(({ name }) => name));
    const wanted = [
      ...pkg.parameters.map(({ bindings }) => bindings.sparkplug?.address),
      ...pkg.commands.map(({ bindings }) => bindings.sparkplug?.address),
      ...pkg.commands.flatMap(({ inputs }) => inputs.map(({ addresses }) => addresses.sparkplug)),
    ];

    expect(wanted.filter((address) => address === undefined || !spoken.has(address))).toEqual([]);
  });

  it("agree on the LwM2M resources", () => {
    const spoken = new Set(
      [...omaObjects, ...legacyObjects].flatMap(({ id, resources }) =>
        resources.map((resource) => `/${id}/0/${resource.id}`),
      ),
    );
    const addresses = [...pkg.parameters, ...pkg.commands].flatMap(({ bindings }) => bindings.lwm2m?.address ?? []);
    // A command may name the word of the old dialect before its resource.
    const wanted = addresses.map((address) => address.replace(/^\w+ /, ""));

    expect(wanted.length).toBeGreaterThan(50);
    expect(wanted.filter((address) => !spoken.has(address))).toEqual([]);
  });
});
