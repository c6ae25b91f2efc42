import { type ConformanceUnit, type Facet, facets, testFileOf } from "./units.ts";

const begin = "<!-- opcua: written by npm run conformance:opcua -->";
const end = "<!-- opcua: end -->";

/** The matrix as Markdown: a table per facet; a unit is met when its test file passes, else open with the reason. */
export function renderMatrix(): string {
  const all = facets.flatMap(({ units }) => units);
  return [`${countOf(all)} units of ${facets.length} facets are met.`, ...facets.map(renderFacet)].join("\n\n");
}

/** `document` with the matrix between its markers; throws when it has none. */
export function withMatrix(document: string): string {
  const from = document.indexOf(begin);
  const to = document.indexOf(end);
  if (from < 0 || to < from) throw new Error(`expected the lines ${begin} and ${end}`);
  return `${document.slice(0, from + begin.length)}\n\n${renderMatrix()}\n\n${document.slice(to)}`;
}

function renderFacet({ name, source, units }: Facet): string {
  const rows = units.map(
    (unit) => `| ${unit.name} | ${unit.isMandatory ? "mandatory" : "optional"} | ${statusOf(unit)} |`,
  );
  return [
    `### ${name}`,
    "",
    `${source}; ${countOf(units)} met.`,
    "",
    "| unit | | status |",
    "|---|---|---|",
    ...rows,
  ].join("\n");
}

function statusOf(unit: ConformanceUnit): string {
  if (unit.open !== undefined) return `open: ${unit.open}`;
  const file = testFileOf(unit.name);
  return `met: [${file}](../test/conformance/opcua/${file})`;
}

function countOf(units: readonly ConformanceUnit[]): string {
  return `${units.filter(({ open }) => open === undefined).length} of ${units.length}`;
}
