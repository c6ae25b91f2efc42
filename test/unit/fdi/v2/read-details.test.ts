import { describe, expect, it } from "vitest";
import type { DevicePackage } from "#model/device-package.ts";
import { packageText, readText, refusalOf } from "./package-text.ts";

const parameters = `
<Parameter id="Current" dataType="float" unit="AMP" min="0" max="500" group="Operational"/>
<Parameter id="Pickup" dataType="float" unit="AMP" min="10" max="250" access="read-write" group="Configuration" default="100"/>
<Parameter id="Instantaneous" dataType="float" unit="AMP" min="10" max="2500" access="read-write" group="Configuration" default="500"
  visibleWhen="Mode == 'Fast'" validWhen="Pickup &lt; 200"/>
<Parameter id="Mode" dataType="int32" access="read-write" group="Configuration" default="Slow"><Enum value="0" name="Slow"/><Enum value="1" name="Fast"/></Parameter>`;
const commands = `<Command id="Test" effect="test" timeoutMs="9000"><Argument id="Name" dataType="string"/><Confirm by="ack"/></Command>`;

function read(more: string): DevicePackage {
  const { package: pkg, warnings } = readText(packageText({ parameters, commands, more }));
  expect(warnings).toEqual([]);
  return pkg;
}

describe("the sections of dialect v2", () => {
  it("compiles the conditions of a parameter over all parameters, also later ones", () => {
    const spec = read("").parameterByName.get("Instantaneous");

    expect(spec?.visibleWhen?.expression?.names).toEqual(["Mode"]);
    expect(spec?.visibleWhen?.expression?.evaluate(() => 1)).toBe(true);
    expect(spec?.validWhen?.text).toBe("Pickup < 200");
  });

  it("reads rules between settings", () => {
    const { rules } = read(
      `<Rules><Rule id="Order" condition="Instantaneous > Pickup">Ii lies above Isd.</Rule></Rules>`,
    );

    expect(rules).toMatchObject([
      { name: "Order", message: "Ii lies above Isd.", condition: { text: "Instantaneous > Pickup" } },
    ]);
  });

  it("reads templates with values of their parameters' types", () => {
    const { templates } =
      read(`<Templates><Template id="MotorStart" label="Motor"><Description>For motors.</Description>
      <Setting parameter="Pickup" value="120"/><Setting parameter="Mode" value="Fast"/></Template></Templates>`);

    expect(templates).toEqual([
      {
        name: "MotorStart",
        displayName: "Motor",
        description: "For motors.",
        settings: [
          { parameter: "Pickup", value: 120 },
          { parameter: "Mode", value: 1 },
        ],
      },
    ]);
  });

  it("reads tests with the command that runs them, steps and expectations", () => {
    const { tests } =
      read(`<Tests><Test id="SelfTest" category="Startup" durationMs="30000"><Run command="Test"><With argument="Name" value="full"/></Run>
      <Argument id="Level" dataType="int32" min="1" max="3" required="false" default="2"/>
      <Step id="Hardware" durationMs="5000" expect="Current >= 0"><Description>Memory and supply.</Description></Step>
      <ExpectedResult>All steps pass.</ExpectedResult></Test></Tests>`);

    expect(tests).toMatchObject([
      {
        name: "SelfTest",
        displayName: "Self test",
        category: "Startup",
        durationMs: 30_000,
        command: { name: "Test", arguments: { Name: "full" } },
        inputs: [{ name: "Level", defaultValue: 2, range: { low: 1, high: 3 } }],
        steps: [
          { name: "Hardware", durationMs: 5000, expect: { text: "Current >= 0" }, description: "Memory and supply." },
        ],
        expectedResult: "All steps pass.",
      },
    ]);
  });

  it("reads alarms with everything that people and OPC UA need", () => {
    const { alarms } =
      read(`<Alarms><Alarm id="Overload" label="Overload pickup" type="limit" class="process" severity="600" ne107="S" when="Current > Pickup * 1.05"
      clearWhen="Current &lt; Pickup" onDelayMs="100" offDelayMs="2000" latched="true" category="Protection" ansi="49"><Description>D</Description><Message>M</Message><Remedy>R</Remedy>
      <Action name="Log" type="EventLog"/><Action name="Trip" type="Control" executedBy="device"/></Alarm><Alarm id="Bare" severity="200" when="Mode == 1"/></Alarms>`);

    expect(alarms[0]).toMatchObject({
      name: "Overload",
      displayName: "Overload pickup",
      description: "D",
      type: "limit",
      conditionClass: "process",
      severity: 600,
      ne107: "S",
      when: { text: "Current > Pickup * 1.05", expression: { names: ["Current", "Pickup"], type: "boolean" } },
      clearWhen: { text: "Current < Pickup" },
      onDelayMs: 100,
      offDelayMs: 2000,
      latched: true,
      category: "Protection",
      ansi: "49",
      message: "M",
      remedy: "R",
      actions: [
        { name: "Log", type: "EventLog", executedBy: "host" },
        { name: "Trip", type: "Control", executedBy: "device" },
      ],
    });
    expect(alarms[1]).toMatchObject({
      type: "off-normal",
      conditionClass: "process",
      onDelayMs: 0,
      latched: false,
      message: "Bare",
    });
    expect(alarms[1]).not.toHaveProperty("ne107");
  });

  it("reads interlocks, select-before-operate and the roles of choices", () => {
    const { package: pkg } = readText(
      packageText({
        parameters,
        commands: `<Command id="Close" effect="close" timeoutMs="5000"><Argument id="Kind" dataType="string"><Choice>A</Choice><Choice role="administrator">B</Choice></Argument>
          <Confirm by="state" parameter="Mode" equals="Fast"><Or equals="Slow"/></Confirm><Interlock id="Dead" condition="Current &lt; 1" addCause="8">A current flows.</Interlock>
          <Interlock id="NotSlow" condition="Mode != 'Slow'"/><Select timeoutMs="30000" when="Mode == 0"/></Command>`,
      }),
    );

    expect(pkg.commandByName.get("Close")).toMatchObject({
      confirm: { by: "state", equals: 1, or: [0] },
      interlocks: [
        { name: "Dead", message: "A current flows.", addCause: 8, condition: { expression: { names: ["Current"] } } },
        { name: "NotSlow", message: "Not slow" },
      ],
      select: { timeoutMs: 30_000, when: { text: "Mode == 0" } },
      inputs: [{ choices: ["A", "B"], choiceRoles: { B: "administrator" } }],
    });
  });

  it("refuses an interlock on a trip: opening is the safe direction", () => {
    const trip = `<Command id="Trip" effect="trip" timeoutMs="1"><Confirm by="ack"/><Interlock id="I" condition="Mode == 1"/></Command>`;

    expect(refusalOf(packageText({ parameters, commands: trip }))).toContain("no Interlock on a trip");
  });

  it("reads events, documents and host settings", () => {
    const pkg =
      read(`<Events><Event id="ProtectionTrip" severity="900"><Description>It tripped.</Description><Field id="TripCurrent" dataType="float" unit="AMP"/>
      <Binding protocol="json" address="breaker_trip"/></Event></Events>
      <Documents><Document id="manual" kind="manual" title="Manual" language="en" version="3" mediaType="application/pdf" href="documents/manual.pdf"/><Document id="web" kind="data-sheet" href="https://example.com/ds"/></Documents>
      <HostSettings><Setting name="PollingInterval" value="1000" unit="ms"/></HostSettings>`);

    expect(pkg.events).toMatchObject([
      {
        name: "ProtectionTrip",
        severity: 900,
        fields: [{ name: "TripCurrent", unit: { symbol: "A" } }],
        addresses: { json: "breaker_trip" },
      },
    ]);
    expect(pkg.documents).toMatchObject([
      { kind: "manual", language: "en", href: "documents/manual.pdf" },
      { title: "web" },
    ]);
    expect(pkg.hostSettings).toEqual([{ name: "PollingInterval", value: "1000", unit: "ms" }]);
  });

  it("reads security levels and roles", () => {
    const { security } =
      read(`<Security defaultLevel="Standard"><Level name="Standard"><Description>Basic.</Description><Feature name="TLS"/><Feature name="AuditLogging" enabled="false"/></Level>
      <Role name="operator" permissions="control read"><Grant group="Configuration" permissions="read"/></Role></Security>`);

    expect(security).toEqual({
      defaultLevel: "Standard",
      levels: [
        {
          name: "Standard",
          description: "Basic.",
          features: [
            { name: "TLS", enabled: true },
            { name: "AuditLogging", enabled: false },
          ],
        },
      ],
      roles: [
        {
          role: "operator",
          permissions: ["read", "control"],
          grants: [{ group: "Configuration", permissions: ["read"] }],
        },
      ],
    });
  });

  it("keeps protocol tables and elements of other namespaces as data", () => {
    const pkg =
      read(`<ProtocolTable protocol="Modbus" version="1.0" transport="TCP"><Register address="40001">x<Bit n="0"/></Register></ProtocolTable>
      <v:Vendor xmlns:v="urn:acme" v:a="1" b="2">text</v:Vendor>`);

    expect(pkg.protocolTables).toMatchObject([
      { protocol: "Modbus", transport: "TCP", content: [{ name: "Register", text: "x", children: [{ name: "Bit" }] }] },
    ]);
    expect(pkg.extensions).toMatchObject([{ name: "Vendor", namespace: "urn:acme", text: "text" }]);
    expect(pkg.extensions[0]?.attributes).toEqual(
      new Map([
        ["{urn:acme}a", "1"],
        ["b", "2"],
      ]),
    );
  });

  it.each([
    [
      `<Rules><Rule id="R" condition="Currant > 1"/></Rules>`,
      'condition="Currant > 1": expected a condition over parameters: unknown name Currant (at character 1)',
    ],
    [`<Rules><Rule id="R" condition="Current + 1"/></Rules>`, "expected a condition"],
    [
      `<Templates><Template id="T"><Setting parameter="Pickup" value="251"/></Template></Templates>`,
      'value="251": expected 10 to 250',
    ],
    [
      `<Templates><Template id="T"><Setting parameter="Current" value="1"/></Template></Templates>`,
      "expected the id of a parameter that can be written",
    ],
    [
      `<Templates><Template id="T"><Setting parameter="Pickup" value="20"/><Setting parameter="Pickup" value="21"/></Template></Templates>`,
      "a parameter is set twice",
    ],
    [`<Templates><Template id="T"/></Templates>`, "expected at least one Setting"],
    [`<Tests><Test id="T"><Report parameter="Current"/></Test></Tests>`, "expected the id of a string parameter"],
    [`<Tests><Test id="T"><Run command="Reboot"/></Test></Tests>`, "expected the id of a command"],
    [
      `<Tests><Test id="T"><Run command="Test"><With argument="X" value="1"/></Run></Test></Tests>`,
      "expected an argument of command Test",
    ],
    [`<Alarms><Alarm id="A" severity="1001" when="Mode == 1"/></Alarms>`, "expected 1 to 1000"],
    [
      `<Alarms><Alarm id="A" severity="1" when="Mode == 1" onDelayMs="-1"/></Alarms>`,
      "expected 0 to 86400000 milliseconds",
    ],
    [
      `<Alarms><Alarm id="A" severity="1" when="Mode == 1"/><Alarm id="A" severity="1" when="Mode == 1"/></Alarms>`,
      "A is already taken by another Alarm",
    ],
    [
      `<Alarms><Alarm id="A" severity="1" when="Mode == 1"><Action name="Trip" type="Control"/></Alarm></Alarms>`,
      "the host executes no control action",
    ],
    [`<Documents><Document id="d" kind="manual" href="../secret"/></Documents>`, "expected a path below the package"],
    [
      `<Documents><Document id="d" kind="manual" href="javascript:alert(1)"/></Documents>`,
      "expected a path below the package",
    ],
    [`<Security defaultLevel="High"/>`, "expected the name of a Level"],
    [
      `<Security><Role name="operator" permissions="read fly"/></Security>`,
      "expected words out of read, write, control, administer",
    ],
    [
      `<Security><Role name="king" permissions="read"/></Security>`,
      "expected one of viewer, operator, maintenance, administrator",
    ],
  ])("refuses %s", (more, message) => {
    expect(refusalOf(packageText({ parameters, commands, more }))).toContain(message);
  });
});
