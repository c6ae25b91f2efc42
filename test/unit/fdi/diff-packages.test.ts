import { describe, expect, it } from "vitest";
import { diffPackages } from "#fdi/diff-packages.ts";
import { packageText, readText } from "./v2/package-text.ts";

const parameter = (attributes: string, children = ""): string =>
  `<Parameter id="A" dataType="float" group="Status" ${attributes}>${children}</Parameter>`;
const command = (inner: string): string =>
  `<Command id="Go" effect="test" timeoutMs="9"><Confirm by="ack"/>${inner}</Command>`;
const base = parameter('min="0" max="10" access="read-write"', '<Binding protocol="json" address="a"/>');
const argument = (attributes: string, children = ""): string =>
  command(`<Argument id="X" ${attributes}>${children}</Argument>`);

interface Parts {
  readonly parameters?: string;
  readonly commands?: string;
  readonly more?: string;
}

/** `kind section name field` of each difference; a ! in front of what may break. */
function differences(before: Parts, after: Parts): string[] {
  const read = (parts: Parts) => readText(packageText({ parameters: base, ...parts })).package;
  return diffPackages(read(before), read(after)).map(({ kind, section, name, field, breaking }) =>
    `${breaking ? "!" : ""}${kind} ${section} ${name} ${field}`.trim(),
  );
}

describe("diffPackages", () => {
  it("finds nothing between a package and itself", () => {
    expect(differences({}, {})).toEqual([]);
  });

  it("says what a value was and what it is", () => {
    const before = readText(packageText({ parameters: base })).package;
    const after = readText(packageText({ parameters: base.replace('max="10"', 'max="20"') })).package;

    expect(diffPackages(before, after)).toEqual([
      {
        kind: "changed",
        section: "parameter",
        name: "A",
        field: "range",
        before: '{"low":0,"high":10}',
        after: '{"low":0,"high":20}',
        breaking: false,
      },
    ]);
  });

  it.each<[string, Parts, Parts, string[]]>([
    [
      "a new parameter",
      {},
      { parameters: `${base}<Parameter id="B" dataType="float" group="Status"/>` },
      ["added parameter B"],
    ],
    [
      "a parameter that is gone",
      { parameters: `<Parameter id="B" dataType="float" group="Status"/>${base}` },
      {},
      ["!removed parameter B"],
    ],
    ["another type", {}, { parameters: base.replace("float", "double") }, ["!changed parameter A dataType"]],
    ["another unit", {}, { parameters: base.replace("min=", 'unit="AMP" min=') }, ["!changed parameter A unit"]],
    ["a narrower range", {}, { parameters: base.replace('max="10"', 'max="5"') }, ["!changed parameter A range"]],
    ["no limits any more", {}, { parameters: base.replace('min="0" max="10"', "") }, ["changed parameter A range"]],
    [
      "no write any more",
      {},
      { parameters: base.replace('access="read-write"', 'class="static"') },
      ["!changed parameter A access"],
    ],
    [
      "another address",
      {},
      { parameters: base.replace('address="a"', 'address="b"') },
      ["!changed parameter A bindings"],
    ],
    [
      "one more protocol",
      {},
      { parameters: base.replace("</Parameter>", '<Binding protocol="lwm2m" address="/1/0/1"/></Parameter>') },
      ["changed parameter A bindings"],
    ],
    [
      "another text",
      {},
      { parameters: base.replace("<Binding", "<Description>x</Description><Binding") },
      ["changed parameter A description"],
    ],
    [
      "one more value",
      { parameters: enumeration("") },
      { parameters: enumeration('<Enum value="2" name="C"/>') },
      ["changed parameter M enumeration"],
    ],
    [
      "a value that is gone",
      { parameters: enumeration('<Enum value="2" name="C"/>') },
      { parameters: enumeration("") },
      ["!changed parameter M enumeration"],
    ],
    ["a new command", {}, { commands: command("") }, ["added command Go"]],
    [
      "an argument more",
      { commands: command("") },
      { commands: argument('dataType="float"') },
      ["!changed command Go inputs"],
    ],
    [
      "a stricter argument",
      { commands: argument('dataType="float" required="false"') },
      { commands: argument('dataType="float"') },
      ["!changed command Go inputs"],
    ],
    [
      "a looser argument",
      { commands: argument('dataType="float" min="0" max="1"') },
      { commands: argument('dataType="float" min="0" max="2" required="false"') },
      ["changed command Go inputs"],
    ],
    [
      "a choice less",
      { commands: argument('dataType="string"', "<Choice>a</Choice><Choice>b</Choice>") },
      { commands: argument('dataType="string"', "<Choice>a</Choice>") },
      ["!changed command Go inputs"],
    ],
    ["a new rule", {}, { more: '<Rules><Rule id="R" condition="A > 1"/></Rules>' }, ["!added rule R"]],
    ["a rule less", { more: '<Rules><Rule id="R" condition="A > 1"/></Rules>' }, {}, ["removed rule R"]],
    [
      "another alarm limit",
      { more: '<Alarms><Alarm id="H" severity="1" when="A > 1"/></Alarms>' },
      { more: '<Alarms><Alarm id="H" severity="1" when="A > 2"/></Alarms>' },
      ["changed alarm H when"],
    ],
    [
      "an event field less",
      { more: '<Events><Event id="E"><Field id="F" dataType="float"/></Event></Events>' },
      { more: '<Events><Event id="E"/></Events>' },
      ["!changed event E fields"],
    ],
    [
      "another declared type",
      {},
      { more: "<Detection><DeclaredType>x</DeclaredType></Detection>" },
      ["changed package  declaredTypes"],
    ],
  ])("judges %s", (_, before, after, expected) => {
    expect(differences(before, after)).toEqual(expected);
  });
});

function enumeration(more: string): string {
  return `<Parameter id="M" dataType="int32" group="Status"><Enum value="0" name="A"/><Enum value="1" name="B"/>${more}</Parameter>`;
}
