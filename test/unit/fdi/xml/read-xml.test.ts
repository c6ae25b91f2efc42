import { array, assert, constantFrom, oneof, property, uint8Array } from "fast-check";
import { describe, expect, it } from "vitest";
import { readXml, type XmlOptions } from "#fdi/xml/read-xml.ts";
import type { XmlElement } from "#fdi/xml/xml-document.ts";
import { PackageError } from "#model/package-problem.ts";

const utf8 = new TextEncoder();

function read(text: string, options?: XmlOptions): XmlElement {
  return readXml(utf8.encode(text), "x.fdi", options).document.root;
}

function refusal(bytes: Uint8Array | string): PackageError {
  try {
    readXml(typeof bytes === "string" ? utf8.encode(bytes) : bytes, "x.fdi");
  } catch (error) {
    if (error instanceof PackageError) return error;
    throw error;
  }
  throw new Error("the file was accepted");
}

describe("readXml", () => {
  it("gives elements with namespaces, attributes, text and positions", () => {
    const text = `\ufeff<?xml version="1.0" encoding="utf-8"?>\r\n<!-- c -->\r\n<a xmlns="u" xmlns:p="v" p:x="1" y='2&#10;"'>\r\n\t<p:b>t &amp; <![CDATA[<raw>]]></p:b><?pi x?></a>\n`;

    const { document } = readXml(utf8.encode(text), "x.fdi");
    const [child] = document.root.children;

    expect(document.root).toMatchObject({ name: "a", namespace: "u" });
    expect([...document.root.attributes].map(([name, { value }]) => [name, value])).toEqual([
      ["{v}x", "1"],
      ["y", '2\n"'],
    ]);
    expect(child).toMatchObject({ name: "b", namespace: "v", text: "t & <raw>" });
    expect(child && document.locationOf(child)).toEqual({ source: "x.fdi", line: 4, column: 2 });
  });

  it.each([
    ["<a>\n x < 20%</a>", "2:4", "expected an element name"],
    ["<a><b></a>", "1:7", "expected </b>"],
    ["<a/>\n<b/>", "2:1", "a second root element"],
    ["<a/>text", "1:5", "text outside the root element"],
    ["text<a/>", "1:1", "text outside the root element"],
    ["", "1:1", "no element"],
    ["<a", "1:3", "expected > at the end of <a"],
    ["<a>\n<b>x", "2:1", "element b is not closed"],
    ["<a x=1/>", "1:6", "quoted value of attribute x"],
    ['<a x="1" x="2"/>', "1:10", "attribute x is repeated"],
    ['<a xmlns:p="u" xmlns:q="u" p:x="1" q:x="2"/>', "1:36", "attribute x is repeated"],
    ['<a x="1"y="2"/>', "1:9", "expected a space"],
    ['<a x="<"/>', "1:7", "< is not allowed"],
    ["<a>& b</a>", "1:4", "& starts no reference"],
    ["<a>&foo;</a>", "1:4", "&foo; is not a known reference"],
    ["<a>&#0;</a>", "1:4", "&#0; is not a known reference"],
    ["<a>&#xD800;</a>", "1:4", "not a known reference"],
    ["<a>]]></a>", "1:4", "]]> is not allowed"],
    ["<a><!-- -- --></a>", "1:9", "-- is not allowed"],
    ["<a><![CDATA[x</a>", "1:4", "CDATA section is not closed"],
    ["<p:a/>", "1:1", "namespace prefix p is not declared"],
    ["<1a/>", "1:1", "expected an element name"],
    ['<a/><?xml version="1.0"?>', "1:5", "no allowed name"],
  ])("refuses %j at %s", (text, place, message) => {
    const error = refusal(text);

    expect(error.problem).toBe("not-well-formed");
    expect(error.message).toContain(`x.fdi:${place}: `);
    expect(error.message).toContain(message);
  });

  it.each([
    ["doctype", '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'],
    ["doctype", '<a><!doctype a SYSTEM "file:///etc/passwd"></a>'],
    ["doctype", "<a><!ENTITY b 'c'></a>"],
    ["encoding", '<?xml version="1.0" encoding="UTF-16"?><a/>'],
    ["encoding", "<a>\u0001</a>"],
    ["encoding", new Uint8Array([0x3c, 0x61, 0x3e, 0x0a, 0xc3, 0x28, 0x3c, 0x2f, 0x61, 0x3e])],
    ["encoding", new Uint8Array([0xff, 0xfe, 0x3c, 0x00, 0x61, 0x00])],
    ["too-complex", "<a>".repeat(100_000)],
    ["too-complex", `<a>${"<b/>".repeat(60_000)}</a>`],
    ["too-complex", `<a>${"&#65;".repeat(10_001)}</a>`],
    ["too-complex", `<a ${Array.from({ length: 100 }, (_, i) => `a${i}=""`).join(" ")}/>`],
    ["too-large", new Uint8Array(5 * 1024 * 1024)],
  ] as const)("refuses with %s: %j", (problem, input) => {
    expect(refusal(input)).toMatchObject({ code: "package-invalid", problem });
  });

  it("names the line of the first byte that is not UTF-8", () => {
    expect(refusal(new Uint8Array([0x3c, 0x0a, 0x0a, 0xc3, 0x28])).location).toMatchObject({ line: 3 });
  });

  it("treats __proto__ and constructor as plain names", () => {
    const root = read('<a __proto__="1" constructor="2"><__proto__/></a>');

    expect(root.attributes.get("__proto__")?.value).toBe("1");
    expect(root.children[0]?.name).toBe("__proto__");
    expect(Object.getPrototypeOf({})).toBe(Object.prototype);
  });

  it("takes a < before a space for text only when asked to repair, and says where", () => {
    const text = "<a>\n<b>BatteryLevel < 20%</b></a>";

    const { document, warnings } = readXml(utf8.encode(text), "x.fdi", { repair: true });

    expect(document.root.children[0]?.text).toBe("BatteryLevel < 20%");
    expect(warnings).toMatchObject([{ code: "repaired", location: { line: 2, column: 17 } }]);
    expect(refusal(text).problem).toBe("not-well-formed");
  });

  it("never throws anything but a PackageError, whatever the bytes", () => {
    const markup = array(
      constantFrom("<", ">", "/", "a", " ", "=", '"', "&", "amp;", "<!--", "-->", "<![CDATA[", "]]>", "?", ":"),
    ).map((parts) => utf8.encode(parts.join("")));

    assert(
      property(oneof(uint8Array({ maxLength: 200 }), markup), (bytes) => {
        try {
          readXml(bytes, "x.fdi");
        } catch (error) {
          expect(error).toBeInstanceOf(PackageError);
        }
      }),
      { numRuns: 500 },
    );
  }, 60_000);
});
