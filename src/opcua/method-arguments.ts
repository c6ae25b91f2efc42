import { DataType, VariantArrayType, type VariantOptions } from "node-opcua";
import { positionSpecOf } from "#fleet/switch-position.ts";
import { abortCommand, communicationTest } from "#fleet/tests/test-plan.ts";
import { AddCause } from "#model/add-cause.ts";
import type { ArgumentSpec, CommandSpec } from "#model/command-spec.ts";
import type { DevicePackage } from "#model/device-package.ts";
import type { ParameterSpec } from "#model/parameter-spec.ts";
import { uaTypeOf } from "./ua-data-type.ts";

export interface ArgumentShape {
  readonly name: string;
  readonly description: string;
  readonly dataType: DataType;
  readonly isArray?: boolean;
}

/** What a method does; arguments of commands and tests come from the package. */
export type MethodAction =
  | { readonly does: "command"; readonly spec: CommandSpec }
  | { readonly does: "test"; readonly test: string; readonly inputs: readonly ArgumentSpec[] }
  | {
      readonly does:
        | "select"
        | "cancel"
        | "apply-template"
        | "get-configuration"
        | "accept-configuration"
        | "abort-test"
        | "get-test-report";
    };

/** A method of a device type as OPC UA shows it. */
export interface MethodShape {
  readonly name: string;
  readonly displayName: string;
  readonly description: string;
  readonly inputs: readonly ArgumentShape[];
  readonly outputs: readonly ArgumentShape[];
  readonly action: MethodAction;
}

const status: ArgumentShape = {
  name: "Status",
  description: "0, or why it was not done: AddCause of IEC 61850-7-2",
  dataType: DataType.Int32,
};
const commandId: ArgumentShape = {
  name: "CommandId",
  description: "Names the command in the audit",
  dataType: DataType.Guid,
};
const position: ArgumentShape = {
  name: "Position",
  description: "Of the main contacts as last reported: 0 intermediate, 1 open, 2 closed, 3 not known",
  dataType: DataType.Byte,
};
const testId: ArgumentShape = {
  name: "TestId",
  description: "Names the test for GetTestReport and AbortTest",
  dataType: DataType.Guid,
};
const selectId: ArgumentShape = { name: "SelectId", description: "Names the selection", dataType: DataType.Guid };

/** All methods of the devices of a package: its commands and tests, and what the host adds; each name once. */
export function methodShapesOf(pkg: DevicePackage): MethodShape[] {
  const shapes = [...commandShapes(pkg), ...testShapes(pkg), ...hostShapes(pkg)];
  const names = new Set<string>();
  return shapes.filter(({ name }) => !names.has(name) && names.add(name));
}

function commandShapes(pkg: DevicePackage): MethodShape[] {
  const outputs = positionSpecOf(pkg) === undefined ? [status, commandId] : [status, commandId, position];
  return pkg.commands.flatMap((spec) => {
    if (spec.effect === "test") return [];
    const { name, displayName, description } = spec;
    const action: MethodAction = { does: "command", spec };
    return [{ name, displayName, description, inputs: spec.inputs.map(shapeOf), outputs, action }];
  });
}

function testShapes(pkg: DevicePackage): MethodShape[] {
  const shape = (
    about: { readonly name: string; readonly displayName: string; readonly description: string },
    inputs: readonly ArgumentSpec[],
  ): MethodShape => {
    const { name, displayName, description } = about;
    const action: MethodAction = { does: "test", test: name, inputs };
    return { name, displayName, description, inputs: inputs.map(shapeOf), outputs: [status, testId], action };
  };
  const commands = pkg.commands.filter(({ effect, name }) => effect === "test" && name !== abortCommand);
  const own = { name: communicationTest, displayName: communicationTest, description: "Tests the way to the device." };
  return [
    ...pkg.tests.map((test) => shape(test, inputsOfTest(pkg, test.name))),
    ...commands.map((spec) => shape(spec, spec.inputs)),
    shape(own, []),
  ];
}

/** A test may name its own arguments; one that shares its name with a command has those of the command. */
function inputsOfTest(pkg: DevicePackage, name: string): readonly ArgumentSpec[] {
  const inputs = pkg.tests.find((test) => test.name === name)?.inputs ?? [];
  return inputs.length > 0 ? inputs : (pkg.commandByName.get(name)?.inputs ?? []);
}

function hostShapes(pkg: DevicePackage): MethodShape[] {
  const text = (name: string, description: string): ArgumentShape => ({ name, description, dataType: DataType.String });
  const host = (
    name: string,
    does: Exclude<MethodAction["does"], "command" | "test">,
    about: { description: string; inputs?: ArgumentShape[]; outputs: ArgumentShape[] },
  ): MethodShape => ({ name, displayName: name, inputs: [], ...about, action: { does } });
  const shapes = [
    host("AbortTest", "abort-test", { description: "Ends a running test.", inputs: [testId], outputs: [status] }),
    host("GetTestReport", "get-test-report", {
      description: "The report of a test, also while it runs.",
      inputs: [testId],
      outputs: [text("Report", "JSON")],
    }),
  ];
  if (pkg.commands.some(({ select }) => select !== undefined)) {
    shapes.push(
      host("Select", "select", {
        description: "Selects a command for this session: it may be done once, until the selection lapses.",
        inputs: [text("Operation", "Name of the command")],
        outputs: [status, selectId, { name: "Timeout", description: "Milliseconds", dataType: DataType.Double }],
      }),
      host("Cancel", "cancel", { description: "Gives a selection up.", inputs: [selectId], outputs: [status] }),
    );
  }
  if (pkg.templates.length > 0) shapes.push(host("ApplyTemplate", "apply-template", templateArguments(pkg)));
  if (pkg.parameters.some(isSetting)) {
    shapes.push(
      host("GetConfiguration", "get-configuration", {
        description: "All settings as the device reports them.",
        outputs: [
          text("Configuration", "JSON"),
          { name: "RevisionCounter", description: "Changes of settings so far", dataType: DataType.Int32 },
          text("Hash", "SHA-256 of all settings"),
        ],
      }),
      host("AcceptConfiguration", "accept-configuration", {
        description: "Takes settings that were changed on site as what they shall be.",
        outputs: [status],
      }),
    );
  }
  return shapes;
}

function templateArguments(pkg: DevicePackage): {
  description: string;
  inputs: ArgumentShape[];
  outputs: ArgumentShape[];
} {
  const names = pkg.templates.map(({ name }) => name).join(", ");
  const array = (name: string, description: string, dataType: DataType): ArgumentShape => ({
    name,
    description,
    dataType,
    isArray: true,
  });
  return {
    description: "Writes all settings of a template, or none.",
    inputs: [{ name: "Template", description: `One of ${names}`, dataType: DataType.String }],
    outputs: [
      status,
      commandId,
      array("Parameters", "Names of the settings", DataType.String),
      array("Results", "What became of each", DataType.StatusCode),
      array("Details", "applied, unchanged, failed, restored, unknown or not-tried, and why", DataType.String),
    ],
  };
}

function shapeOf({ name, description, dataType }: ArgumentSpec): ArgumentShape {
  return { name, description, dataType: uaTypeOf(dataType) };
}

function isSetting({ class: kind, access }: ParameterSpec): boolean {
  return kind === "static" && access === "read-write";
}

const guidPattern = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** An id as the Guid of an output argument; the null Guid when it is none. */
export function guidVariant(id: string): VariantOptions {
  const value = guidPattern.test(id) ? id : "00000000-0000-0000-0000-000000000000";
  return { dataType: DataType.Guid, value };
}

export function statusVariant(addCause: number = AddCause.unknown): VariantOptions {
  return { dataType: DataType.Int32, value: addCause };
}

export function arrayVariant(dataType: DataType, value: readonly unknown[]): VariantOptions {
  return { dataType, arrayType: VariantArrayType.Array, value };
}
