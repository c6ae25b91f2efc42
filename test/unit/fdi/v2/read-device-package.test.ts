import { describe, expect, it } from "vitest";
import { minimalParameter, packageText, readText, refusalOf } from "./package-text.ts";

describe("dialect v2", () => {
  it("reads identity and detection", () => {
    const text = packageText({ more: "<Detection><DeclaredType>smart_breaker</DeclaredType></Detection>" });

    expect(readText(text)).toMatchObject({
      package: {
        id: "acme/b",
        revision: "1.2.3",
        typeName: "B",
        namespaceUri: "urn:fdi-host:device-types:acme:b",
        identity: { manufacturer: "Acme", model: "B", deviceClass: "CircuitBreaker" },
        detection: { declaredTypes: ["smart_breaker"] },
      },
      warnings: [],
    });
  });

  it("reads every attribute of a parameter", () => {
    const parameters = `<Parameter id="Delay" label="Short delay" dataType="float" unit="C26" min="-5" max="400" step="0.5" access="read-write"
      class="static" group="Configuration/CircuitProtection" default="200" history="off" deadband="0.5" heartbeatMs="60000"
      trustStale="false" ansi="51" logicalNode="PTOC1.OpDlTmms"><Description>Text
      of two lines.</Description><Binding protocol="json" address="protection.delay" scale="1000" offset="-1"><Map wire="min" value="0"/></Binding></Parameter>`;

    expect(readText(packageText({ parameters })).package.parameterByName.get("Delay")).toEqual({
      name: "Delay",
      index: 0,
      displayName: "Short delay",
      description: "Text of two lines.",
      dataType: "float",
      unit: { code: "C26", symbol: "ms", name: "millisecond" },
      range: { low: -5, high: 400 },
      step: 0.5,
      access: "read-write",
      class: "static",
      enumeration: [],
      group: "Configuration/CircuitProtection",
      defaultValue: 200,
      history: { historize: false, deadband: 0.5, heartbeatMs: 60_000 },
      trustStale: false,
      ansi: "51",
      logicalNode: "PTOC1.OpDlTmms",
      bindings: { json: { address: "protection.delay", scale: 1000, offset: -1, valueMap: new Map([["min", 0]]) } },
    });
  });

  it("derives what a short parameter leaves out", () => {
    const parameters = `<Parameter id="CurrentPhaseA" dataType="float" group="Operational/Electrical"/>
      <Parameter id="Serial" dataType="string" class="rating" group="Identification"/>
      <Parameter id="Limit" dataType="float" access="read-write" group="Configuration"/>`;

    const [current, serial, limit] = readText(packageText({ parameters })).package.parameters;

    expect(current).toMatchObject({
      displayName: "Current phase A",
      access: "read",
      class: "dynamic",
      trustStale: true,
    });
    expect(current?.history).toEqual({ historize: true, deadband: 0 });
    expect(serial?.history.historize).toBe(false);
    expect(limit).toMatchObject({ class: "static", index: 2 });
  });

  it("lets defaults and confirm rules name an enumeration value or a state", () => {
    const parameters = `<Parameter id="Mode" dataType="int32" access="read-write" group="Configuration" default="Fast"><Enum value="0" name="Slow"/><Enum value="1" name="Fast"/></Parameter>
      <Parameter id="Tripped" dataType="boolean" group="Operational"><State value="true" name="Tripped"/><State value="false" name="Normal"/></Parameter>`;
    const commands = `<Command id="Reset" effect="reset" timeoutMs="5000"><Confirm by="state" parameter="Tripped" equals="Normal"/></Command>`;

    const { package: pkg } = readText(packageText({ parameters, commands }));

    expect(pkg.parameterByName.get("Mode")?.defaultValue).toBe(1);
    expect(pkg.commandByName.get("Reset")?.confirm).toEqual({ by: "state", parameter: "Tripped", equals: false });
  });

  it("reads a command with arguments, choices and bindings", () => {
    const commands = `<Command id="Trip" effect="trip" role="operator" timeoutMs="2000" idempotent="true">
      <Argument id="Reason" dataType="string" required="false" default="Test"><Choice>Test</Choice><Choice>Service</Choice><Binding protocol="sparkplug" address="Command/Reason"/></Argument>
      <Confirm by="ack"/><Binding protocol="sparkplug" address="Command/Trip"/><Binding protocol="json" address="trip_breaker" value="1"/></Command>`;

    expect(readText(packageText({ commands })).package.commands).toMatchObject([
      {
        name: "Trip",
        effect: "trip",
        role: "operator",
        timeoutMs: 2000,
        idempotent: true,
        confirm: { by: "ack" },
        inputs: [
          {
            name: "Reason",
            required: false,
            defaultValue: "Test",
            choices: ["Test", "Service"],
            addresses: { sparkplug: "Command/Reason" },
          },
        ],
        bindings: { sparkplug: { address: "Command/Trip", value: true }, json: { address: "trip_breaker", value: 1 } },
      },
    ]);
  });

  it("warns of attributes, elements and text that it does not know, with their place", () => {
    const { warnings } = readText(
      packageText({
        parameters: `<Parameter id="A" dataType="float" group="Status" colour="red">x\n<Shape/></Parameter>`,
      }),
    );

    expect(warnings.map(({ code, location }) => `${code} ${location.line}:${location.column}`)).toEqual([
      "unknown-text 4:1",
      "unknown-attribute 4:51",
      "unknown-element 5:1",
    ]);
  });

  const parameter = (attributes: string, children = ""): string =>
    packageText({ parameters: `<Parameter id="A" group="Status" ${attributes}>${children}</Parameter>` });

  it.each([
    [parameter('dataType="number"'), '4:34: Parameter A: dataType="number": expected one of boolean, int8'],
    [parameter('dataType="float" unit="AMPS"'), 'unit="AMPS": expected a known UN/CEFACT code'],
    [parameter('dataType="float" min="a" max="2"'), 'min="a": expected a number'],
    [parameter('dataType="float" min="2" max="1"'), 'max="1": expected a number above min="2"'],
    [parameter('dataType="float" min="2"'), "attribute max is missing beside min"],
    [parameter('dataType="string" min="1" max="2"'), "expected no limits on a string"],
    [parameter('dataType="int8" default="300"'), 'default="300": expected a value of type int8'],
    [parameter('dataType="float" min="0" max="5" default="6"'), 'default="6": expected 0 to 5'],
    [parameter('dataType="float"', '<Enum value="1" name="x"/>'), "expected an integer type beside Enum"],
    [
      parameter('dataType="int32"', '<Enum value="1" name="x"/><Enum value="1" name="y"/>'),
      "an Enum value occurs twice",
    ],
    [
      parameter('dataType="boolean"', '<State value="true" name="x"/>'),
      "expected one State for true and one for false",
    ],
    [
      parameter('dataType="float"', '<Binding protocol="carrier-pigeon" address="x"/>'),
      "expected one of sparkplug, json, lwm2m",
    ],
    [
      parameter('dataType="float"', '<Binding protocol="json" address="x" scale="0"/>'),
      "expected a number other than 0",
    ],
    [
      packageText({ parameters: minimalParameter + minimalParameter }),
      "id Position is already taken by parameter Position",
    ],
    [
      packageText({
        parameters: ["A", "B"]
          .map(
            (id) =>
              `<Parameter id="${id}" dataType="float" group="Status"><Binding protocol="json" address="x"/></Parameter>`,
          )
          .join(""),
      }),
      "json address x is already taken by parameter A",
    ],
    [
      packageText({ parameters: `<Parameter id="A" dataType="float" group="Colours"/>` }),
      'group="Colours": expected a path',
    ],
    [packageText({ commands: `<Command id="Trip" effect="trip" timeoutMs="9"/>` }), "element Confirm is missing"],
    [
      packageText({ commands: `<Command id="Position" effect="trip" timeoutMs="9"><Confirm by="ack"/></Command>` }),
      "id Position is already taken",
    ],
    [
      packageText({
        commands: `<Command id="T" effect="trip" timeoutMs="9"><Confirm by="state" parameter="X" equals="1"/></Command>`,
      }),
      "expected the id of a parameter",
    ],
    [
      packageText({
        commands: `<Command id="T" effect="trip" timeoutMs="9"><Confirm by="state" parameter="Position" equals="7"/></Command>`,
      }),
      'equals="7": expected one of 1 Open, 2 Closed',
    ],
    [packageText({ root: 'schemaVersion="3" id="acme/b" revision="1.0.0"' }), 'schemaVersion="3": expected one of 2'],
    [packageText({ root: 'schemaVersion="2" id="../b" revision="1.0.0"' }), 'id="../b": expected manufacturer/model'],
    ["<DevicePackage/>", 'root element DevicePackage in namespace "": expected'],
  ] as const)("refuses with the place and what was expected (%#)", (text, message) => {
    expect(refusalOf(text)).toContain(message);
  });
});
