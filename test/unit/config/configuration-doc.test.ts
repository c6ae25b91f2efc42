import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { parseConfig } from "#config/load-config.ts";
import { configSchema } from "#config/schema.ts";

const document = readFileSync(join(resolve(import.meta.dirname, "../../.."), "docs/configuration.md"), "utf8");

interface SchemaNode {
  readonly properties?: Record<string, SchemaNode>;
  readonly items?: SchemaNode;
}

function keysOf(node: SchemaNode, path: string): string[] {
  if (node.properties !== undefined) {
    return Object.entries(node.properties).flatMap(([key, child]) =>
      keysOf(child, path === "" ? key : `${path}.${key}`),
    );
  }
  return node.items?.properties === undefined ? [path] : keysOf(node.items, `${path}[]`);
}

describe("docs/configuration.md", () => {
  const keys = keysOf(configSchema as SchemaNode, "");

  it.each(keys)("describes %s", (key) => {
    expect(document).toContain(`\`${key}\``);
  });

  it("describes every key of the file, and there are more than twenty", () => {
    expect(keys.length).toBeGreaterThan(20);
  });

  it("shows examples that are accepted", () => {
    const examples = [...document.matchAll(/```yaml\n([\s\S]*?)```/g)].map(([, example = ""]) => example);

    const hostIds = examples.map((example) => parseConfig(example, "host.yaml").sparkplug?.hostId);
    expect(hostIds).toContain("plant-1");
  });
});
